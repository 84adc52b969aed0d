import { baseline, type Baseline } from './baseline.ts'
import { fallingBy, sessionAge } from './falling.ts'
import { neighbourScores } from './neighbours.ts'
import { sessionIndex } from './session-index.ts'
import { settledOptions } from './settled-options.ts'
import { STAN_DEFAULTS, type StanOptions } from './stan.ts'

export interface VstanOptions extends StanOptions {
  /** A neighbour whose latest shared item lies so many places back counts 1 ÷ e (`lambda_ipw`), false: all the same; default 1.02. */
  readonly matchDecay?: number | false
  /** Rare items count for more: 1 + idfWeight · ln(sessions ÷ occurrences) (`lambda_idf`); default 5. */
  readonly idfWeight?: number
}

const DEFAULTS: Required<VstanOptions> = { ...STAN_DEFAULTS, matchDecay: 1.02, idfWeight: 5 }

/**
 * VSTAN: STAN with what V-SkNN adds, rare items and how far back the latest shared item is: the strongest method without a network in the comparison it is from.
 * Ludewig, Mauro, Latifi and Jannach, "Empirical analysis of session-based recommendation algorithms", UMUAI 2020, as session-rec has it (`VSKNN_STAN`); defaults and names in brackets are its.
 *
 * Differs: as `stan` does. Times are milliseconds. `fit` throws `OPTION_INVALID` for sessions without times unless `decayDays` is false.
 */
export function vstan(options: VstanOptions = {}): Baseline {
  const full = settledOptions('vstan', options, DEFAULTS, [
    'positionDecay',
    'decayDays',
    'distanceDecay',
    'matchDecay',
  ])
  return baseline({ kind: 'vstan', options: { ...full }, silentAtZero: true }, (items) => {
    const { ofAge, checkTimes } = sessionAge('vstan', full.decayDays)
    const index = sessionIndex(items, checkTimes)
    const [ofBack, ofMatchBack] = [fallingBy(full.positionDecay), fallingBy(full.matchDecay)]
    const rules = {
      ...full,
      similarity: 'cosine' as const,
      ofEvent: (place: number, length: number) => ofBack(length - place),
      ofAge,
      ofMatch: (place: number, length: number) => ofMatchBack(length - place),
      ofDistance: fallingBy(full.distanceDecay),
      pushReminders: false,
    }
    return { update: index.add, score: neighbourScores(index, rules, items) }
  })
}
