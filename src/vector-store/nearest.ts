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
  /** [most]: their places, ascending, where that is known. */
  readonly places?: Int32Array
}

/** Finds rows of a table by their scores. */
export interface Nearest {
  /** Does now what the next search would have to do first. */
  prepare(table: VectorTable): Promise<void>
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
  best: Best,
): void {
  const { vectors, scales, schema } = table
  const { dimensions } = schema
  const whole = dimensions - (dimensions % 4)
  for (const place of places) {
    const from = place * dimensions
    // Four sums: one would wait for itself at each number.
    let [one, two, three, four] = [0, 0, 0, 0]
    for (let at = 0; at < whole; at += 4) {
      one += query[at]! * vectors[from + at]!
      two += query[at + 1]! * vectors[from + at + 1]!
      three += query[at + 2]! * vectors[from + at + 2]!
      four += query[at + 3]! * vectors[from + at + 3]!
    }
    for (let at = whole; at < dimensions; at++) one += query[at]! * vectors[from + at]!
    best.take(place, (one + two + three + four) * scales[place]!)
  }
}

/** Keeps the best of scored places. */
export interface Best {
  readonly take: (place: number, score: number) => void
  readonly rows: () => NearestRows
}

/** The `k` best: a heap with the worst of them on top, so that most places are refused by one comparison. */
export function createBest(k: number): Best {
  const places = new Int32Array(k)
  const scores = new Float64Array(k)
  let size = 0
  const isWorse = (one: number, other: number): boolean =>
    scores[one]! < scores[other]! || (scores[one] === scores[other] && places[one]! > places[other]!)
  const swap = (one: number, other: number): void => {
    const [place, score] = [places[one]!, scores[one]!]
    places[one] = places[other]!
    scores[one] = scores[other]!
    places[other] = place
    scores[other] = score
  }
  const rise = (from: number): void => {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (!isWorse(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }
  const sink = (): void => {
    for (let at = 0; ;) {
      let worst = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < size && isWorse(child, worst)) worst = child
      if (worst === at) return
      swap(at, worst)
      at = worst
    }
  }
  return {
    take: (place, score) => {
      if (size < k) {
        places[size] = place
        scores[size] = score
        rise(size++)
      } else if (k > 0 && (score > scores[0]! || (score === scores[0] && place < places[0]!))) {
        places[0] = place
        scores[0] = score
        sink()
      }
    },
    rows: () => {
      const order = Array.from({ length: size }, (_, at) => at).sort((one, other) =>
        isWorse(one, other) ? 1 : -1,
      )
      return {
        places: Int32Array.from(order, (at) => places[at]!),
        scores: Float32Array.from(order, (at) => scores[at]!),
      }
    },
  }
}
