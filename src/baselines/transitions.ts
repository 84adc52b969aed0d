import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'

/** A sparse matrix of counts, row by row: row `i` holds columns[offsets[i]] to columns[offsets[i + 1] − 1], ascending. */
export interface Transitions {
  /** [items + 1] */
  readonly offsets: Int32Array
  /** [entries], distinct and ascending within a row. */
  readonly columns: Int32Array
  /** [entries], how often the item of the column came directly after the item of the row, from 1. */
  readonly counts: Int32Array
}

/**
 * Counts which item came directly after which, within each session. Rows and columns are codes less `RESERVED`.
 *
 * An unknown item takes part in no pair, and the items around it are not made neighbours. A repeated item follows itself.
 */
export function countTransitions(sessions: Sessions, items: number): Transitions {
  const { starts, targets } = groupByRow(sessions, items)
  const offsets = new Int32Array(items + 1)
  const columns = new Int32Array(targets.length)
  const counts = new Int32Array(targets.length)
  let entry = -1
  for (let row = 0; row < items; row++) {
    let previous = -1
    for (const column of targets.subarray(starts[row], starts[row + 1]).sort()) {
      if (column !== previous) columns[++entry] = column
      counts[entry]!++
      previous = column
    }
    offsets[row + 1] = entry + 1
  }
  return { offsets, columns: columns.slice(0, entry + 1), counts: counts.slice(0, entry + 1) }
}

/** All pairs by counting sort on their first item: `targets` from starts[row] to starts[row + 1] follow `row`. */
function groupByRow(
  sessions: Sessions,
  items: number,
): { readonly starts: Int32Array; readonly targets: Int32Array } {
  const starts = new Int32Array(items + 1)
  eachPair(sessions, (row) => starts[row + 1]!++)
  for (let row = 0; row < items; row++) starts[row + 1]! += starts[row]!
  const next = starts.slice(0, items)
  const targets = new Int32Array(starts[items]!)
  eachPair(sessions, (row, column) => {
    targets[next[row]!++] = column
  })
  return { starts, targets }
}

function eachPair(sessions: Sessions, visit: (row: number, column: number) => void): void {
  const { count, offsets, items } = sessions
  for (let session = 0; session < count; session++) {
    for (let event = offsets[session]! + 1; event < offsets[session + 1]!; event++) {
      const from = items[event - 1]!
      const to = items[event]!
      if (from >= RESERVED && to >= RESERVED) visit(from - RESERVED, to - RESERVED)
    }
  }
}

/** The sum of two matrices of the same size. */
export function mergeTransitions(one: Transitions, other: Transitions): Transitions {
  const offsets = new Int32Array(one.offsets.length)
  const columns = new Int32Array(one.columns.length + other.columns.length)
  const counts = new Int32Array(columns.length)
  let entry = 0
  for (let row = 0; row + 1 < offsets.length; row++) {
    let [at, next] = [one.offsets[row]!, other.offsets[row]!]
    const [end, last] = [one.offsets[row + 1]!, other.offsets[row + 1]!]
    while (at < end || next < last) {
      const left = at < end ? one.columns[at]! : Infinity
      const right = next < last ? other.columns[next]! : Infinity
      columns[entry] = Math.min(left, right)
      if (left <= right) counts[entry]! += one.counts[at++]!
      if (right <= left) counts[entry]! += other.counts[next++]!
      entry++
    }
    offsets[row + 1] = entry
  }
  return { offsets, columns: columns.slice(0, entry), counts: counts.slice(0, entry) }
}
