import type { Sessions } from '../data/sessions.ts'
import { checkOptions } from '../options.ts'
import { itemCounts, levels } from './item-counts.ts'
import type { Scorer } from './scorer.ts'

/**
 * The floor that knows no session: items in the order of how often they occur in `train`, the same for every prefix.
 *
 * `items` is the size of the catalogue. The scores are not the counts but their levels (see `levels`): only the order has a meaning.
 */
export function popularityScorer(train: Sessions, options: { readonly items: number }): Scorer {
  checkOptions('popularityScorer', options, ['items'])
  const popularity = levels(itemCounts(train, options.items))
  return Object.freeze<Scorer>({
    name: 'popularity',
    score: (batch) => repeatRow(popularity, batch.sessionIndices.length),
  })
}

/** `row`: [items] → [rows, items], each row a copy of it. */
export function repeatRow(row: Float32Array, rows: number): Float32Array {
  const result = new Float32Array(rows * row.length)
  for (let index = 0; index < rows; index++) result.set(row, index * row.length)
  return result
}
