import { RESERVED } from '../codes.ts'
import { timesOf, type Sessions } from '../data/sessions.ts'
import { checkChoice } from '../options.ts'
import { baseline, type Baseline } from './baseline.ts'
import { addDecayed, logWorth } from './decayed-sum.ts'
import { followerScores } from './followers.ts'
import { addCounts } from './item-counts.ts'
import { settledOptions } from './settled-options.ts'
import { ofSteps, weightings, type Weighting } from './weightings.ts'

export interface DecayedMarkovOptions {
  /** How many events after an item count as following it; default 10. */
  readonly steps?: number
  /** How the weight of one falls with the number of steps; default `div`. */
  readonly weighting?: Weighting
  /** After so long what followed counts half, in milliseconds; default false: for ever the same. */
  readonly halfLifeMs?: number | false
}

const DEFAULTS: Required<DecayedMarkovOptions> = { steps: 10, weighting: 'div', halfLifeMs: false }

/**
 * A Markov chain that looks further than one step, and may forget: items in the order of how much of what followed the last event they were, within so many steps, the near ones counting for more;
 * the rest by popularity. Sequential rules of Kamehkhosh, Jannach and Ludewig, "A comparison of frequent pattern techniques and a deep learning method for session-based recommendation", TempRec
 * at RecSys 2017, as session-rec has them (`SequentialRules`).
 *
 * Differs: rules are not pruned to the best 20, and what never followed comes by popularity (there: all 0); the half-life is ours, and an event is as old as the first of its session. An unknown item holds its place and takes part in no pair.
 * `fit` throws `OPTION_INVALID` for sessions without times where there is a half-life.
 */
export function decayedMarkov(options: DecayedMarkovOptions = {}): Baseline {
  const full = settledOptions('decayedMarkov', options, DEFAULTS, ['halfLifeMs'])
  checkChoice('baselines.decayedMarkov: weighting', full.weighting, weightings)
  const { steps, halfLifeMs } = full
  const weights = Float64Array.from({ length: steps }, (_, at) => ofSteps[full.weighting](at + 1))
  return baseline({ kind: 'decayed-markov', options: { ...full } }, (items) => {
    const counts = new Float64Array(items)
    /** What followed each item: column → [sum, time]. */
    const rows: (Map<number, readonly [number, number]> | undefined)[] = Array.from({ length: items })
    let origin: number | undefined

    const learn = ({ items: codes, offsets, count }: Sessions, times: Float64Array | undefined): void => {
      for (let session = 0; session < count; session++)
        for (let event = offsets[session]!; event < offsets[session + 1]!; event++) {
          const to = codes[event]! - RESERVED
          if (to < 0) continue
          const time = times?.[offsets[session]!] ?? 0
          origin ??= time
          for (let step = 1; step <= steps && event - step >= offsets[session]!; step++) {
            const from = codes[event - step]! - RESERVED
            if (from < 0) continue
            const row = (rows[from] ??= new Map<number, readonly [number, number]>())
            row.set(to, addDecayed(row.get(to) ?? [0, 0], [weights[step - 1]!, time], halfLifeMs))
          }
        }
    }
    const worth = (sum: readonly [number, number]): number =>
      halfLifeMs === false ? sum[0] : logWorth(sum, origin ?? 0, halfLifeMs)
    const { learnt, score } = followerScores((column) => {
      const followers = rows[column] ?? new Map<number, readonly [number, number]>()
      return {
        columns: Int32Array.from(followers.keys()),
        keys: Float64Array.from(followers.values(), worth),
      }
    })
    return {
      update: (sessions) => {
        const times =
          halfLifeMs === false ? undefined : timesOf(sessions, 'The half-life of the baseline decayed-markov')
        addCounts(counts, sessions)
        learn(sessions, times)
        learnt(counts)
      },
      score,
    }
  })
}
