import { EnsuiteError } from '../errors.ts'

/** The best columns of a row of scores, best first: both [n], n ≤ k. */
export interface Ranked {
  readonly columns: Int32Array
  readonly scores: Float32Array
}

/**
 * The `k` columns of `scores` with the highest values, best first, equal values by ascending column; those that `excluded` marks with 1
 * are never among them, nor those that `allowed` does not, so fewer may be left.
 *
 * A heap of k holds the best so far: most columns cost one comparison, and the whole is never sorted.
 * Throws `RUNTIME_FAILED` for a score that is not a number.
 */
export function topK(
  scores: Float32Array,
  {
    k,
    excluded,
    allowed,
  }: { readonly k: number; readonly excluded?: Uint8Array; readonly allowed?: Uint8Array },
): Ranked {
  const heap = new Int32Array(Math.min(k, scores.length))
  let size = 0
  const worse = (one: number, other: number): boolean =>
    scores[one]! < scores[other]! || (scores[one]! === scores[other]! && one > other)

  const up = (): void => {
    let at = size - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!worse(heap[at]!, heap[parent]!)) return
      swap(heap, at, parent)
      at = parent
    }
  }
  const down = (): void => {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) return
      if (child + 1 < size && worse(heap[child + 1]!, heap[child]!)) child++
      if (!worse(heap[child]!, heap[at]!)) return
      swap(heap, at, child)
      at = child
    }
  }

  /** The worst of k that are kept; no number, which nothing is below or equal to, while there are fewer. */
  let worst = NaN
  for (let column = 0; column < scores.length; column++) {
    const score = scores[column]!
    // Nearly all end here. Columns rise, so one that only equals the worst comes after it and is left out, and a score
    // that is no number does not.
    if (score <= worst) continue
    if (excluded?.[column] === 1 || (allowed !== undefined && allowed[column] !== 1)) continue
    if (Number.isNaN(score)) throw notANumber(column)
    if (size < heap.length) {
      heap[size++] = column
      up()
    } else {
      heap[0] = column
      down()
    }
    if (size === heap.length) worst = scores[heap[0]!]!
  }
  const columns = heap.slice(0, size).sort((one, other) => scores[other]! - scores[one]! || one - other)
  return { columns, scores: Float32Array.from(columns, (column) => scores[column]!) }
}

function swap(heap: Int32Array, one: number, other: number): void {
  const kept = heap[one]!
  heap[one] = heap[other]!
  heap[other] = kept
}

function notANumber(column: number): EnsuiteError {
  return new EnsuiteError(
    'RUNTIME_FAILED',
    `The model scored column ${column} as NaN. The weights or the device are faulty: try device 'cpu', or train again.`,
  )
}
