import type { Batch } from './batches.ts'
import { packSessions } from './packing.ts'
import type { Sessions } from './sessions.ts'

/** Which events of which sessions a batch is made of. */
export interface Chosen {
  readonly sessionIndices: Int32Array
  /** Index into `sessions.items` of the first input of each session: [sessions]. */
  readonly first: Int32Array
  /** Number of inputs of each session, 1 to `maxLength`; the event after the last is a label, too: [sessions]. */
  readonly lengths: Int32Array
  readonly maxLength: number
  /** Whether the event at this index of `sessions.items` is a label, `last` if it follows the last input. */
  readonly isLabel: (event: number, last: boolean) => boolean
}

/** Rows are at least this long (or `maxLength`): rows of two or three places would leave no room to pack. */
const LEAST_CAPACITY = 32

/** Makes a batch. Labels are in the order of the sessions, and within a session in that of the events. */
export function fillBatch(sessions: Sessions, chosen: Chosen): Batch {
  const { sessionIndices, first, lengths, maxLength, isLabel } = chosen
  const longest = lengths.reduce((most, each) => Math.max(most, each), 0)
  const packing = packSessions(lengths, Math.max(longest, Math.min(maxLength, LEAST_CAPACITY)))
  const { rows, time } = packing
  const segments = new Int32Array(rows * time)
  const positions = new Int32Array(rows * time)
  const labelPositions: number[] = []
  const labelItems: number[] = []
  for (let index = 0; index < lengths.length; index++) {
    const place = packing.row[index]! * time + packing.start[index]!
    for (let position = 0; position < lengths[index]!; position++) {
      segments[place + position] = packing.segment[index]!
      positions[place + position] = position
      const next = first[index]! + position + 1
      if (!isLabel(next, position + 1 === lengths[index])) continue
      labelPositions.push(place + position)
      labelItems.push(sessions.items[next]!)
    }
  }
  const packed = <Column extends Int32Array | Float32Array>(column: Column, target: Column): Column => {
    for (let index = 0; index < lengths.length; index++) {
      const inputs = column.subarray(first[index], first[index]! + lengths[index]!)
      target.set(inputs, packing.row[index]! * time + packing.start[index]!)
    }
    return target
  }
  return {
    rows,
    time,
    items: packed(sessions.items, new Int32Array(rows * time)),
    categorical: Object.fromEntries(
      Object.entries(sessions.categorical).map(([name, column]) => [
        name,
        packed(column, new Int32Array(rows * time)),
      ]),
    ),
    continuous: Object.fromEntries(
      Object.entries(sessions.continuous).map(([name, column]) => [
        name,
        packed(column, new Float32Array(rows * time)),
      ]),
    ),
    segments,
    positions,
    labelPositions: Int32Array.from(labelPositions),
    labelItems: Int32Array.from(labelItems),
    sessionIndices,
  }
}
