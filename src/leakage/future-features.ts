import { sessionLength, type Sessions } from '../data/sessions.ts'
import { type LeakCheck, type LeakFinding } from './leakage-input.ts'
import { mayAgree, placesOfKnown, spearman } from './spearman.ts'
import { sumInOrder } from './sum-in-order.ts'
import { spansOf, spread } from './whole-log.ts'

/** Sessions that are looked at, and how many there must be. */
const MOST = 2000
const LEAST = 30
/** From this rank correlation on two numbers order the sessions alike. */
const SAME = 0.999

/** Of a first look at a sum: sessions from each end of the feature's order, and so many between. */
const ENDS = 25
const BETWEEN = 50

/** Numbers of an event that only the events behind it tell: what a whole session adds up to, or what the next event has. Looked for at first events, where the past says nothing. */
export const futureFeatures: LeakCheck = ({ train }) => {
  const names = Object.keys(train.continuous)
  if (names.length === 0) return []
  const long = spansOf(train).flatMap(({ session }) => (sessionLength(train, session) >= 2 ? [session] : []))
  const look = firstLook(train, spread(long, MOST))
  return names.flatMap((name): readonly LeakFinding[] => {
    const column = train.continuous[name]!
    const sessions = spread(
      long.filter((session) => !Number.isNaN(column[train.offsets[session]!])),
      MOST,
    )
    const own = at(train, sessions, name, 0)
    if (sessions.length < LEAST || new Set(own).size < 2) return []
    const mayBe = look(name) ?? firstLook(train, sessions)(name)
    const future = futures(train, sessions).find(
      ({ of, later }, index) =>
        mayBe?.[index] !== false &&
        (of === undefined || inOrder(own, at(train, sessions, of, 0)) < SAME) &&
        inOrder(own, later(own)) >= SAME,
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

/** Says of a feature, by `futures`, which it may be in the order of: what they are in these sessions is computed once for all features. Nothing where too few of the sessions have the feature. */
function firstLook(
  train: Sessions,
  sessions: readonly number[],
): (name: string) => readonly boolean[] | undefined {
  const all = futures(train, sessions).map(({ sum, later }) =>
    sum === undefined ? { places: placesOfKnown(later(new Float64Array())) } : { sum: sum() },
  )
  return (name) => {
    const own = at(train, sessions, name, 0)
    const places = placesOfKnown(own)
    const order = [...own.keys()]
      .filter((session) => !Number.isNaN(own[session]!))
      .sort((one, other) => own[one]! - own[other]!)
    if (order.length < LEAST) return undefined
    const some = [...new Set([...order.slice(0, ENDS), ...spread(order, BETWEEN), ...order.slice(-ENDS)])]
    const of = (values: Float64Array): Float64Array => Float64Array.from(some, (session) => values[session]!)
    const wanted = of(own)
    const placesOfWanted = placesOfKnown(wanted)
    return all.map(({ places: other, sum }) =>
      sum === undefined
        ? mayAgree(places, other, LEAST)
        : mayAgree(placesOfWanted, placesOfKnown(sumInOrder(wanted, of(sum.sums), of(sum.counts))), 0),
    )
  }
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
  /** The feature that it is told by; what follows from this at the first event is no leak. */
  readonly of?: string
  /** Given the feature, as the sum of a session is only known but for what its values were normalised by. */
  readonly later: (own: Float64Array) => Float64Array
  /** Of a sum: as it is, and of how many values. */
  readonly sum?: () => { readonly sums: Float64Array; readonly counts: Float64Array }
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
    ...Object.entries(train.continuous).flatMap(([of, column]) => {
      const values = (start: number, end: number): Float32Array =>
        column.subarray(start, end).filter((value) => !Number.isNaN(value))
      const total = (start: number, end: number): number =>
        values(start, end).reduce((sum, value) => sum + value, 0)
      const sum = () => ({
        sums: over(total),
        counts: over((start, end) => values(start, end).length),
      })
      return [
        { called: `'${of}' of the next event`, of, later: () => at(train, sessions, of, 1) },
        { called: `'${of}' of the last event`, of, later: () => over((_, end) => column[end - 1]!) },
        {
          called: `the sum of '${of}' over the session`,
          of,
          later: (own: Float64Array) => {
            const { sums, counts } = sum()
            return sumInOrder(own, sums, counts)
          },
          sum,
        },
        {
          called: `the mean of '${of}' over the session`,
          of,
          later: () => over((start, end) => total(start, end) / values(start, end).length),
        },
        {
          called: `the greatest '${of}' of the session`,
          of,
          later: () =>
            over((start, end) => values(start, end).reduce((most, x) => Math.max(most, x), -Infinity)),
        },
        {
          called: `the least '${of}' of the session`,
          of,
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
