import { levels } from './item-counts.ts'

/** Items that came after another, with what orders them. */
export interface Followers {
  readonly columns: Int32Array
  /** Any numbers but NaN, higher is better. */
  readonly keys: Float64Array
}

/** Scores by what came after the last item of a prefix: its followers by their keys, equal ones and all others by popularity. */
export interface FollowerScores {
  /** To be called when more was learnt, with how often each item occurs: [items]. */
  readonly learnt: (counts: Float64Array) => void
  readonly score: (prefix: Int32Array, row: Float32Array) => void
}

/** `followersOf`: of a column. What it says is kept until more is learnt. */
export function followerScores(followersOf: (column: number) => Followers): FollowerScores {
  let order: Float32Array = new Float32Array()
  /** The first number above all levels of popularity. */
  let above = 1
  const kept = new Map<number, { readonly columns: Int32Array; readonly scores: Float32Array }>()

  const scoresOf = (last: number): { readonly columns: Int32Array; readonly scores: Float32Array } => {
    const found = kept.get(last)
    if (found !== undefined) return found
    const { columns, keys } = followersOf(last)
    // Both parts are whole numbers, and their sum stays far below 2⁵³: exact.
    const both = Float64Array.from(levels(keys), (level, at) => level * above + order[columns[at]!]!)
    const made = { columns, scores: levels(both).map((level) => above + level) }
    kept.set(last, made)
    return made
  }
  return {
    learnt: (counts) => {
      order = levels(counts)
      above = order.reduce((most, level) => Math.max(most, level), 0) + 1
      kept.clear()
    },
    score: (prefix, row) => {
      row.set(order)
      const last = prefix.at(-1)
      if (last === undefined) return
      const { columns, scores } = scoresOf(last)
      for (const [at, column] of columns.entries()) row[column] = scores[at]!
    },
  }
}
