import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { checkOptions } from '../options.ts'
import { itemCounts, levels } from './item-counts.ts'
import { repeatRow } from './popularity.ts'
import type { Scorer } from './scorer.ts'
import { countTransitions, type Transitions } from './transitions.ts'

/**
 * The floor that knows one event: items in the order of how often, in `train`, they came directly after the last event
 * of the prefix, and those that came equally often (or never) in the order of popularity, that is, by
 * count + popularity / (total + 1). After an item that `train` does not know, or an unknown one, it is popularity alone.
 *
 * A first-order Markov chain by maximum likelihood: Rendle, Freudenthaler and Schmidt-Thieme, "Factorizing personalized
 * Markov chains for next-basket recommendation", WWW 2010, section 4.1, on single items.
 * Differs: the scores are levels in that order, which float32 holds exactly, and not the sum itself (see `levels`).
 */
export function markovScorer(train: Sessions, options: { readonly items: number }): Scorer {
  checkOptions('markovScorer', options, ['items'])
  const { items } = options
  const popularity = levels(itemCounts(train, items))
  const transitions = countTransitions(train, items)
  const followed = scoreEntries(transitions, popularity)
  return Object.freeze<Scorer>({
    name: 'markov',
    score: (batch, sessions) => {
      const scores = repeatRow(popularity, batch.sessionIndices.length)
      for (const [index, session] of batch.sessionIndices.entries()) {
        // The event at −1 is the target.
        const row = sessions.items[sessions.offsets[session + 1]! - 2]! - RESERVED
        if (row < 0) continue
        for (let entry = transitions.offsets[row]!; entry < transitions.offsets[row + 1]!; entry++)
          scores[index * items + transitions.columns[entry]!] = followed[entry]!
      }
      return scores
    },
  })
}

/** The score of each entry: within a row ordered by count, then popularity; all above the highest popularity. */
function scoreEntries({ offsets, columns, counts }: Transitions, popularity: Float32Array): Float32Array {
  const base = popularity.reduce((highest, level) => Math.max(highest, level), 0) + 1
  // Both parts are whole numbers and their sum stays far below 2⁵³: exact.
  const keys = Float64Array.from(counts, (count, entry) => count * base + popularity[columns[entry]!]!)
  const scores = new Float32Array(keys.length)
  for (let row = 0; row + 1 < offsets.length; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!]
    scores.set(
      levels(keys.subarray(start, end)).map((level) => base + level),
      start,
    )
  }
  return scores
}
