import { checkOptions } from '../options.ts'
import { baseline, type Baseline } from './baseline.ts'
import { addCounts, levels } from './item-counts.ts'

/**
 * The floor that knows no session: items in the order of how often they occur in what it was fitted on, the same for every prefix.
 *
 * The scores are not the counts but their levels (see `levels`): only the order has a meaning.
 */
export function popularity(options: Readonly<Record<string, never>> = {}): Baseline {
  checkOptions('baselines.popularity', options, [])
  return baseline({ kind: 'popularity', options: {} }, (items) => {
    const counts = new Float64Array(items)
    let order: Float32Array = new Float32Array(items)
    return {
      update: (sessions) => {
        addCounts(counts, sessions)
        order = levels(counts)
      },
      score: (_, row) => row.set(order),
    }
  })
}
