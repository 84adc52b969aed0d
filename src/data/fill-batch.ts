import { UNKNOWN } from '../codes.ts'
import type { SessionMasking, Targets } from '../masking/index.ts'
import { ownValue } from '../own-value.ts'
import type { Batch, TargetColumns } from './batches.ts'
import type { Random } from '../random.ts'
import { packSessions } from './packing.ts'
import { elapsedSeconds } from './elapsed.ts'
import { sessionLength, timesOf, type Sessions } from './sessions.ts'

/** The latest `maxLength + 1` events of some sessions, two or more each, and what is predicted of them. */
export interface Chosen {
  readonly sessionIndices: Int32Array
  readonly maxLength: number
  readonly masking: SessionMasking
  /** What is predicted of a session of so many events. */
  readonly targetsOf: (events: number) => Targets
  /** Whether targets that the masking reads are in the batch, and targets of an unknown item are no labels. */
  readonly training: boolean
  /** Features that heads predict; default: none. */
  readonly columns?: TargetColumns
  /** Features of the session, which are never hidden; default: none. */
  readonly context?: readonly string[]
  /** Whether the batch says when events were; default false. */
  readonly times?: boolean
  /** Exchanges events in training; default: none. */
  readonly swap?: { readonly probability: number; readonly random: Random }
}

/** Rows are at least this long (or the longest session): rows of two or three places would leave no room to pack. */
const LEAST_CAPACITY = 32

/** How many events of a session a batch is made of, its targets among them. */
export const windowLength = (sessions: Sessions, index: number, maxLength: number): number =>
  Math.min(sessionLength(sessions, index), maxLength + 1)

/** Makes a batch. Labels are in the order of the sessions, and within a session in that of the events. */
export function fillBatch(sessions: Sessions, chosen: Chosen): Batch {
  const { sessionIndices, maxLength, masking, training } = chosen
  // Whether a place predicts the event that follows it.
  const ahead = masking.predicts === 'next' ? 1 : 0
  const events = sessionIndices.map((index) => windowLength(sessions, index, maxLength))
  const first = sessionIndices.map((index, at) => sessions.offsets[index + 1]! - events[at]!)
  const places = events.map((count) => count - ahead)
  const longest = places.reduce((most, each) => Math.max(most, each), 0)
  const packing = packSessions(places, Math.max(longest, Math.min(maxLength + 1 - ahead, LEAST_CAPACITY)))
  const { rows, time } = packing
  const size = rows * time
  const starts = packing.row.map((row, at) => row * time + packing.start[at]!)
  const [segments, positions, order, labelAt] = [0, 0, 0, 0].map(() => new Int32Array(size)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ]
  const labelPositions: number[] = []
  const labelItems: number[] = []
  const labelEvents: number[] = []
  for (const [at, start] of starts.entries()) {
    segments.fill(packing.segment[at]!, start, start + places[at]!)
    for (let position = 0; position < places[at]!; position++) positions[start + position] = position
    const targets = chosen.targetsOf(events[at]!)
    for (const [rank, event] of targets.events.entries()) {
      const place = start + event - ahead
      if (ahead === 0) order[place] = targets.order?.[rank] ?? 1
      const item = sessions.items[first[at]! + event]!
      if (training && item === UNKNOWN) continue
      labelAt[place] = labelPositions.length
      labelPositions.push(place)
      labelItems.push(item)
      labelEvents.push(first[at]! + event)
    }
  }
  const hides = ahead === 0 && !(training && masking.readsTargets)
  const swaps = chosen.swap && swapped(segments, order, chosen.swap)
  const packed = <Column extends Int32Array | Float32Array>(
    column: Column,
    target: Column,
    isContext = false,
  ): Column => {
    for (const [at, start] of starts.entries())
      target.set(column.subarray(first[at], first[at]! + places[at]!), start)
    if (isContext) return target
    if (hides) for (let place = 0; place < size; place++) if (order[place] !== 0) target[place] = 0
    if (swaps === undefined) return target
    const before = target.slice()
    for (const [place, other] of swaps) target[place] = before[other]!
    return target
  }
  const elapsed = (): Int32Array => {
    const times = timesOf(sessions, 'A block that reads times')
    const all = new Int32Array(size)
    for (const [at, start] of starts.entries())
      all.set(elapsedSeconds(times.subarray(first[at], first[at]! + places[at]!)), start)
    return all
  }
  const isContext = (name: string): boolean => chosen.context?.includes(name) ?? false
  return {
    rows,
    time,
    items: packed(sessions.items, new Int32Array(size)),
    categorical: Object.fromEntries(
      Object.entries(sessions.categorical).map(([name, column]) => [
        name,
        packed(column, new Int32Array(size), isContext(name)),
      ]),
    ),
    continuous: Object.fromEntries(
      Object.entries(sessions.continuous).map(([name, column]) => [
        name,
        withoutMissing(packed(column, new Float32Array(size), isContext(name))),
      ]),
    ),
    segments,
    positions,
    ...(chosen.times === true && { elapsed: elapsed() }),
    labelPositions: Int32Array.from(labelPositions),
    labelItems: Int32Array.from(labelItems),
    ...(ahead === 0 && { order, labelAt }),
    ...(chosen.columns && {
      labelTargets: valuesAt(sessions, chosen.columns.labels, labelEvents),
      sessionTargets: valuesAt(
        sessions,
        chosen.columns.sessions,
        Array.from(sessionIndices, (index) => sessions.offsets[index + 1]! - 1),
      ),
    }),
    sessionPlaces: sessionPlaces(starts, places, longest),
    sessionIndices,
  }
}

/** Places that are shown and take the event of another one that is shown, each with this probability: stochastic swap noise, of whole events. */
function swapped(
  segments: Int32Array,
  order: Int32Array,
  { probability, random }: { readonly probability: number; readonly random: Random },
): readonly (readonly [place: number, other: number])[] {
  const shown = Int32Array.from(segments.keys()).filter(
    (place) => segments[place] !== 0 && order[place] === 0,
  )
  return Array.from(shown).flatMap((place) =>
    random.uniform() < probability ? [[place, shown[random.below(shown.length)]!] as const] : [],
  )
}

/** 0 in place of a missing number. */
function withoutMissing(column: Float32Array): Float32Array {
  for (let place = 0; place < column.length; place++) if (Number.isNaN(column[place])) column[place] = 0
  return column
}

/** Some features at some events, by name; NaN where a number is missing. */
const valuesAt = (
  { categorical, continuous }: Sessions,
  columns: readonly string[],
  events: readonly number[],
): Readonly<Record<string, Int32Array | Float32Array>> =>
  Object.fromEntries(
    columns.map((name) => {
      const codes = ownValue(categorical, name)
      return [
        name,
        codes === undefined
          ? Float32Array.from(events, (event) => continuous[name]![event]!)
          : Int32Array.from(events, (event) => codes[event]!),
      ]
    }),
  )

function sessionPlaces(starts: Int32Array, places: Int32Array, longest: number): Int32Array {
  const all = new Int32Array(starts.length * longest).fill(-1)
  for (const [at, start] of starts.entries())
    for (let place = 0; place < places[at]!; place++) all[at * longest + place] = start + place
  return all
}
