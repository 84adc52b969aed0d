import { checkOptions } from '../options.ts'
import { baseline, type Baseline } from './baseline.ts'
import { addCounts, levels } from './item-counts.ts'

/**
 * What the session itself has had, by how often, and behind it all other items by popularity; among those equally often in the session, too.
 * S-POP of Hidasi, Karatzoglou, Baltrunas and Tikk, "Session-based recommendations with recurrent neural networks", ICLR 2016.
 *
 * Where items of the prefix are no candidates (`filterSeen`) it is popularity.
 */
export function sessionPopularity(options: Readonly<Record<string, never>> = {}): Baseline {
  checkOptions('baselines.sessionPopularity', options, [])
  return baseline({ kind: 'session-popularity', options: {} }, (items) => {
    const counts = new Float64Array(items)
    let order: Float32Array = new Float32Array(items)
    let above = 1
    return {
      update: (sessions) => {
        addCounts(counts, sessions)
        order = levels(counts)
        above = order.reduce((most, level) => Math.max(most, level), 0) + 1
      },
      score: (prefix, row) => {
        row.set(order)
        const repeats = new Map<number, number>()
        for (const column of prefix) repeats.set(column, (repeats.get(column) ?? 0) + 1)
        const columns = [...repeats.keys()]
        // Whole numbers: by repeats, then by popularity, exactly.
        const keys = Float64Array.from(columns, (column) => repeats.get(column)! * above + order[column]!)
        for (const [at, level] of levels(keys).entries()) row[columns[at]!] = above + level
      },
    }
  })
}
