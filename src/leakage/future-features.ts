import { sessionLength, type Sessions } from '../data/sessions.ts'
import { type LeakCheck, type LeakFinding } from './leakage-input.ts'
import { spearman } from './spearman.ts'
import { sumInOrder } from './sum-in-order.ts'
import { spansOf, spread } from './whole-log.ts'

/** Sessions that are looked at, and how many there must be. */
const MOST = 2000
const LEAST = 30
/** From this rank correlation on two numbers order the sessions alike. */
const SAME = 0.999

/** Numbers of an event that only the events behind it tell: what a whole session adds up to, or what the next event has. Looked for at first events, where the past says nothing. */
export const futureFeatures: LeakCheck = ({ train }) => {
  const names = Object.keys(train.continuous)
  if (names.length === 0) return []
  const long = spansOf(train).flatMap(({ session }) => (sessionLength(train, session) >= 2 ? [session] : []))
  return names.flatMap((name): readonly LeakFinding[] => {
    const column = train.continuous[name]!
    const sessions = spread(
      long.filter((session) => !Number.isNaN(column[train.offsets[session]!])),
      MOST,
    )
    const own = at(train, sessions, name, 0)
    if (sessions.length < LEAST || new Set(own).size < 2) return []
    const future = futures(train, sessions).find(
      ({ now, later }) =>
        (now === undefined || inOrder(own, now()) < SAME) && inOrder(own, later(own)) >= SAME,
    )
    if (future === undefined) return []
    return [
      {
        kind: 'future-features',
        severity: 'error',
        count: sessions.length,
        examples: [name],
        message: `Feature '${name}' at the first event orders ${sessions.length} sessions as ${future.called} does, which only later events tell. Compute it from what was known at its event, such as sessionCount or sessionSum of a workflow.`,
      },
    ]
  })
}

/** How far two numbers order the sessions alike or the other way round, 0 to 1: of those that have both. */
function inOrder(one: Float64Array, other: Float64Array): number {
  const both = [...one.keys()].filter((session) => !Number.isNaN(one[session]! + other[session]!))
  if (both.length < LEAST) return 0
  const [left, right] = [one, other].map((values) => both.map((session) => values[session]!)) as [
    number[],
    number[],
  ]
  return Math.abs(spearman(left, right))
}

interface Future {
  readonly called: string
  /** What is known of it at the first event; a feature that follows from this is no leak. */
  readonly now?: () => Float64Array
  /** Given the feature, as the sum of a session is only known but for what its values were normalised by. */
  readonly later: (own: Float64Array) => Float64Array
}

/** What is known of a session behind its first event. */
function futures(train: Sessions, sessions: readonly number[]): readonly Future[] {
  const over = (of: (start: number, end: number) => number): Float64Array =>
    Float64Array.from(sessions, (session) => of(train.offsets[session]!, train.offsets[session + 1]!))
  const { times } = train
  return [
    { called: 'the number of events of the session', later: () => over((start, end) => end - start) },
    {
      called: 'the number of different items of the session',
      later: () => over((start, end) => new Set(train.items.subarray(start, end)).size),
    },
    ...(times === undefined
      ? []
      : [
          {
            called: 'the time until the next event',
            later: () => over((start) => times[start + 1]! - times[start]!),
          },
          {
            called: 'the time until the last event',
            later: () => over((start, end) => times[end - 1]! - times[start]!),
          },
        ]),
    ...Object.entries(train.continuous).flatMap(([name, column]) => {
      const now = (): Float64Array => at(train, sessions, name, 0)
      const values = (start: number, end: number): Float32Array =>
        column.subarray(start, end).filter((value) => !Number.isNaN(value))
      const total = (start: number, end: number): number =>
        values(start, end).reduce((sum, value) => sum + value, 0)
      return [
        { called: `'${name}' of the next event`, now, later: () => at(train, sessions, name, 1) },
        { called: `'${name}' of the last event`, now, later: () => over((_, end) => column[end - 1]!) },
        {
          called: `the sum of '${name}' over the session`,
          now,
          later: (own: Float64Array) =>
            sumInOrder(
              own,
              over(total),
              over((start, end) => values(start, end).length),
            ),
        },
        {
          called: `the mean of '${name}' over the session`,
          now,
          later: () => over((start, end) => total(start, end) / values(start, end).length),
        },
        {
          called: `the greatest '${name}' of the session`,
          now,
          later: () =>
            over((start, end) => values(start, end).reduce((most, x) => Math.max(most, x), -Infinity)),
        },
        {
          called: `the least '${name}' of the session`,
          now,
          later: () =>
            over((start, end) => values(start, end).reduce((least, x) => Math.min(least, x), Infinity)),
        },
      ]
    }),
  ]
}

const at = (
  { continuous, offsets }: Sessions,
  sessions: readonly number[],
  name: string,
  place: number,
): Float64Array => Float64Array.from(sessions, (session) => continuous[name]![offsets[session]! + place]!)
