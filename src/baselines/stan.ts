import { baseline, type Baseline } from './baseline.ts'
import { neighbourScores } from './neighbours.ts'
import { sessionIndex } from './session-index.ts'
import { settledOptions } from './settled-options.ts'
import { fallingBy, sessionAge } from './falling.ts'

export interface StanOptions {
  /** How many like sessions are listened to (`k`); default 500. */
  readonly neighbours?: number
  /** How many of the most recent sessions with an item of the prefix are compared (`sample_size`), 0 for all; default 5000. */
  readonly sampleSize?: number
  /** After so many places an event of the prefix counts 1 ÷ e (`lambda_spw`), false: all the same; default 1.02. */
  readonly positionDecay?: number | false
  /** After so many days a session counts 1 ÷ e (`lambda_snh`), false: all the same; default 5. */
  readonly decayDays?: number | false
  /** So many places from what is shared an item counts 1 ÷ e (`lambda_inh`), false: all the same; default 2.05. */
  readonly distanceDecay?: number | false
  /** Whether items of the prefix are scored; default true. */
  readonly remind?: boolean
}

export const STAN_DEFAULTS: Required<StanOptions> = {
  neighbours: 500,
  sampleSize: 5000,
  positionDecay: 1.02,
  decayDays: 5,
  distanceDecay: 2.05,
  remind: true,
}

/**
 * STAN: like sessions, of which the recent ones count for more, and in them the items near to what is shared.
 * Garg, Gupta, Malhotra, Vig and Shroff, "Sequence and time aware neighborhood for session-based recommendations: STAN", SIGIR 2019, as session-rec has it; defaults and names in brackets are its.
 *
 * Differs: age is counted from the latest session that is compared and not from now, which divides all scores of a prefix by one number; equally like sessions are taken by recency.
 * Times are milliseconds. `fit` throws `OPTION_INVALID` for sessions without times unless `decayDays` is false.
 */
export function stan(options: StanOptions = {}): Baseline {
  const full = settledOptions('stan', options, STAN_DEFAULTS, ['positionDecay', 'decayDays', 'distanceDecay'])
  return baseline({ kind: 'stan', options: { ...full }, silentAtZero: true }, (items) => {
    const { ofAge, checkTimes } = sessionAge('stan', full.decayDays)
    const index = sessionIndex(items, checkTimes)
    const ofBack = fallingBy(full.positionDecay)
    const rules = {
      ...full,
      similarity: 'cosine' as const,
      ofEvent: (place: number, length: number) => ofBack(length - place),
      ofAge,
      ofMatch: () => 1,
      ofDistance: fallingBy(full.distanceDecay),
      idfWeight: 0,
      pushReminders: false,
    }
    return { update: index.add, score: neighbourScores(index, rules, items) }
  })
}
