import type { RawColumn, RawSessions } from './raw-sessions.ts'

/** Events as flat columns in the order of the file. */
export interface FlatEvents {
  /** `codes`: index into `values` of the session of each event. */
  readonly session: RawColumn
  readonly columns: Readonly<Record<string, RawColumn>>
  readonly times?: Float64Array
}

/**
 * Groups events by session, sessions in order of first appearance (the order of `session.values`).
 *
 * Inside a session: by time, and events of equal time (or without times) in the order of the file.
 */
export function groupEvents(events: FlatEvents): RawSessions {
  const { session, columns, times } = events
  const offsets = sessionOffsets(session)
  const order = fileOrderBySession(session.codes, offsets)
  if (times !== undefined) sortInsideSessions(order, offsets, times)
  const sorted = Object.entries(columns).map(([name, column]): [string, RawColumn] => [
    name,
    { values: column.values, codes: Int32Array.from(order, (event) => column.codes[event]!) },
  ])
  return {
    count: session.values.length,
    offsets,
    sessionIds: session.values,
    columns: Object.fromEntries(sorted),
    ...(times === undefined ? {} : { times: Float64Array.from(order, (event) => times[event]!) }),
  }
}

function sessionOffsets(session: RawColumn): Int32Array {
  const offsets = new Int32Array(session.values.length + 1)
  for (const code of session.codes) offsets[code + 1]! += 1
  for (let index = 1; index < offsets.length; index++) offsets[index]! += offsets[index - 1]!
  return offsets
}

/** A counting sort: stable, and linear in the number of events. */
function fileOrderBySession(codes: Int32Array, offsets: Int32Array): Int32Array {
  const next = offsets.slice()
  const order = new Int32Array(codes.length)
  for (let event = 0; event < codes.length; event++) order[next[codes[event]!]!++] = event
  return order
}

function sortInsideSessions(order: Int32Array, offsets: Int32Array, times: Float64Array): void {
  for (let session = 0; session + 1 < offsets.length; session++) {
    const events = order.subarray(offsets[session], offsets[session + 1])
    // Most logs are written in time order; looking is far cheaper than sorting.
    if (isSorted(events, times)) continue
    events.sort((left, right) => times[left]! - times[right]! || left - right)
  }
}

function isSorted(events: Int32Array, times: Float64Array): boolean {
  for (let index = 1; index < events.length; index++) {
    if (times[events[index]!]! < times[events[index - 1]!]!) return false
  }
  return true
}
