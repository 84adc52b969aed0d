/** Where each session of a batch lies in its packed rows. */
export interface Packing {
  readonly rows: number
  /** Length of the rows: the fullest one is full. */
  readonly time: number
  /** Row of each session: [sessions]. */
  readonly row: Int32Array
  /** First place of each session in its row: [sessions]. */
  readonly start: Int32Array
  /** Number of each session within its row, from 1: [sessions]. */
  readonly segment: Int32Array
}

/**
 * Packs sessions into rows of `capacity` places, first fit, longest first (equal lengths in the order given).
 *
 * `lengths`: events of each session, 1 to `capacity`: [sessions]. A session is never divided.
 */
export function packSessions(lengths: Int32Array, capacity: number): Packing {
  const order = Int32Array.from(lengths.keys()).sort(
    (left, right) => lengths[right]! - lengths[left]! || left - right,
  )
  const used: number[] = []
  const segments: number[] = []
  const row = new Int32Array(lengths.length)
  const start = new Int32Array(lengths.length)
  const segment = new Int32Array(lengths.length)
  // Lengths fall, so a row without room for one session has room for a later one only: where the search for equal
  // lengths ended, it begins again.
  let firstWithRoom = 0
  let previous = 0
  for (const session of order) {
    const length = lengths[session]!
    if (length !== previous) firstWithRoom = 0
    previous = length
    let place = firstWithRoom
    while (place < used.length && used[place]! + length > capacity) place++
    firstWithRoom = place
    row[session] = place
    start[session] = used[place] ?? 0
    segment[session] = (segments[place] ?? 0) + 1
    used[place] = start[session] + length
    segments[place] = segment[session]
  }
  return {
    rows: used.length,
    time: used.reduce((most, each) => Math.max(most, each), 0),
    row,
    start,
    segment,
  }
}
