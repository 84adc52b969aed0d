import type { VectorTable } from './vector-table.ts'

/** Rows of a table by their places, best first: both [n]. Equal scores by ascending place. */
export interface NearestRows {
  readonly places: Int32Array
  readonly scores: Float32Array
}

export interface NearestOptions {
  readonly k: number
  /** Which rows may be found: 1 at their places. [table.size]. */
  readonly allowed: Uint8Array
  /** How many that is. */
  readonly most: number
}

/** Finds rows of a table by their scores. */
export interface Nearest {
  /** Of each query. Sees all rows that the table has when it is called. */
  search(
    table: VectorTable,
    queries: readonly Float32Array[],
    options: NearestOptions,
  ): Promise<readonly NearestRows[]>
  close(): Promise<void>
}

/** Scores of rows of a table, one by one: for those that no index has, and to score again what one has found. */
export function scoreRows(
  table: VectorTable,
  query: Float32Array,
  places: Iterable<number>,
  visit: (place: number, score: number) => void,
): void {
  const { vectors, scales, schema } = table
  const { dimensions } = schema
  for (const place of places) {
    let sum = 0
    for (let at = 0, from = place * dimensions; at < dimensions; at++) sum += query[at]! * vectors[from + at]!
    visit(place, sum * scales[place]!)
  }
}

/** The `k` best of some scored places. */
export function best(places: readonly number[], scores: readonly number[], k: number): NearestRows {
  const order = Int32Array.from(places.keys()).sort(
    (one, other) => scores[other]! - scores[one]! || places[one]! - places[other]!,
  )
  const kept = order.subarray(0, k)
  return {
    places: Int32Array.from(kept, (at) => places[at]!),
    scores: Float32Array.from(kept, (at) => scores[at]!),
  }
}
