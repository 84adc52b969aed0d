import { checkOptions } from '../options.ts'
import { baseline, type Baseline } from './baseline.ts'
import { followerScores } from './followers.ts'
import { addCounts } from './item-counts.ts'
import { countTransitions, mergeTransitions, type Transitions } from './transitions.ts'

/**
 * The floor that knows one event: items in the order of how often they came directly after the last event of the prefix, and those that came equally often (or never) in the order of
 * popularity, that is, by count + popularity / (total + 1). After an item that it does not know it is popularity alone.
 *
 * A first-order Markov chain by maximum likelihood: Rendle, Freudenthaler and Schmidt-Thieme, "Factorizing personalized Markov chains for next-basket recommendation", WWW 2010, section 4.1, on
 * single items. Differs: the scores are levels in that order, which float32 holds exactly, and not the sum itself (see `levels`).
 */
export function markov(options: Readonly<Record<string, never>> = {}): Baseline {
  checkOptions('baselines.markov', options, [])
  return baseline({ kind: 'markov', options: {} }, (items) => {
    const counts = new Float64Array(items)
    let transitions = noTransitions(items)
    const { learnt, score } = followerScores((column) => {
      const [start, end] = [transitions.offsets[column]!, transitions.offsets[column + 1]!]
      const columns = transitions.columns.subarray(start, end)
      return { columns, keys: Float64Array.from(transitions.counts.subarray(start, end)) }
    })
    return {
      update: (sessions) => {
        addCounts(counts, sessions)
        transitions = mergeTransitions(transitions, countTransitions(sessions, items))
        learnt(counts)
      },
      score,
    }
  })
}

const noTransitions = (items: number): Transitions => ({
  offsets: new Int32Array(items + 1),
  columns: new Int32Array(),
  counts: new Int32Array(),
})
