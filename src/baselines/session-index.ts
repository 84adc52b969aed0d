import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { addCounts } from './item-counts.ts'

/** Sessions by their items, the most recent last; they are added to, and never taken away. */
export interface SessionIndex {
  /** How many sessions there are that hold a known item. */
  readonly size: () => number
  /** How often each item occurs: [items]. */
  readonly counts: Float64Array
  /** The numbers of the sessions that hold the item, by recency, the latest last. */
  readonly ofItem: (column: number) => readonly number[]
  /** Below 0 where the one session ended before the other, or at the same time and stands before it in the log; never 0 for two. */
  readonly byRecency: (one: number, other: number) => number
  /** When the session ended; 0 where there are no times. */
  readonly endOf: (session: number) => number
  readonly distinctOf: (session: number) => number
  /** Each item of the session once, by its last place there, with that place (from 1 among known items) and how often it occurs. */
  readonly visit: (session: number, visitor: (column: number, place: number, repeats: number) => void) => void
  readonly add: (sessions: Sessions) => void
}

/**
 * An empty index over `items` columns. Unknown items are left out, as if they had not been there. A session is as recent as its last known event; without times, as its place in the log.
 * `add` takes sessions of the catalogue, and throws `OPTION_INVALID` where some have times and others none, and what `checkTimes` throws.
 */
export function sessionIndex(
  items: number,
  checkTimes: (sessions: Sessions) => void = () => undefined,
): SessionIndex {
  const counts = new Float64Array(items)
  const lists = Array.from({ length: items }, (): number[] => [])
  const ends: number[] = []
  /** Session `s` holds entries from `starts[s]` to `starts[s + 1]`. */
  const starts: number[] = [0]
  const columns: number[] = []
  const places: number[] = []
  const repeats: number[] = []
  const entryOf = new Int32Array(items)
  let timed: boolean | undefined

  const checkAlike = ({ count, times }: Sessions): void => {
    if (timed !== undefined && count > 0 && timed !== (times !== undefined))
      throw new EnsuiteError(
        'OPTION_INVALID',
        `A baseline that was fitted on sessions ${timed ? 'with' : 'without'} times was given some ${timed ? 'without' : 'with'}: which are recent cannot be told. Give all of them times, or none.`,
      )
    if (count > 0) timed = times !== undefined
  }

  const byRecency = (one: number, other: number): number => ends[one]! - ends[other]! || one - other

  const insert = (list: number[], session: number): void => {
    let [low, high] = [0, list.length]
    // Sessions mostly come in order: the end first.
    if (high === 0 || byRecency(list[high - 1]!, session) < 0) low = high
    while (low < high) {
      const middle = (low + high) >> 1
      if (byRecency(list[middle]!, session) < 0) low = middle + 1
      else high = middle
    }
    list.splice(low, 0, session)
  }

  const addSession = (events: Int32Array, end: number): void => {
    const session = ends.length
    const known = events.filter((code) => code >= RESERVED).map((code) => code - RESERVED)
    const start = columns.length
    ends.push(end)
    // Backwards, so that an item is met at its last place first; then turned around.
    const last = known.reduceRight<number[]>((found, column, at) => {
      if (entryOf[column] === 0) found.push(at)
      entryOf[column]!++
      return found
    }, [])
    for (const at of last.reverse()) {
      const column = known[at]!
      columns.push(column)
      places.push(at + 1)
      repeats.push(entryOf[column]!)
      entryOf[column] = 0
    }
    starts.push(columns.length)
    for (let entry = start; entry < columns.length; entry++) insert(lists[columns[entry]!]!, session)
  }

  return {
    size: () => ends.length,
    counts,
    ofItem: (column) => lists[column]!,
    byRecency,
    endOf: (session) => ends[session]!,
    distinctOf: (session) => starts[session + 1]! - starts[session]!,
    visit: (session, visitor) => {
      for (let entry = starts[session]!; entry < starts[session + 1]!; entry++)
        visitor(columns[entry]!, places[entry]!, repeats[entry]!)
    },
    add: (sessions) => {
      checkTimes(sessions)
      checkAlike(sessions)
      addCounts(counts, sessions)
      for (const { index, end } of inOrder(sessions))
        addSession(sessions.items.subarray(sessions.offsets[index], sessions.offsets[index + 1]), end)
    },
  }
}

/** The sessions that hold a known item, by the time of the last of these. */
function inOrder({ count, offsets, items, times }: Sessions): readonly { index: number; end: number }[] {
  const found: { index: number; end: number }[] = []
  for (let index = 0; index < count; index++) {
    let event = offsets[index + 1]! - 1
    while (event >= offsets[index]! && items[event]! < RESERVED) event--
    if (event >= offsets[index]!) found.push({ index, end: times?.[event] ?? 0 })
  }
  return found.sort((one, other) => one.end - other.end)
}
