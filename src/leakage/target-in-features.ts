import { RESERVED } from '../codes.ts'
import { ownValue } from '../own-value.ts'
import { sessionLength, type Sessions } from '../data/sessions.ts'
import { habitsOf, type Habit } from './determined.ts'
import { featureColumns, says, type FeatureColumn } from './feature-columns.ts'
import { counted, type LeakCheck, type LeakFinding, type LeakageInput } from './leakage-input.ts'
import { spansOf, spread } from './whole-log.ts'

/** Sessions that are looked at, evenly spread. */
const MOST = 20_000
/** Fewer targets say nothing. */
const LEAST = 20

/** Where a session says what, and what comes next, as places among all events. */
type Places = (sessions: Sessions, session: number) => Iterable<readonly [says: number, next: number]>

/** Each event, and the one behind it. */
function* eachNext({ offsets }: Sessions, session: number): ReturnType<Places> & Iterable<[number, number]> {
  for (let event = offsets[session]!; event + 1 < offsets[session + 1]!; event++) yield [event, event + 1]
}

/** The last event before the target, and the target. */
function* lastNext({ offsets }: Sessions, session: number): Iterable<readonly [number, number]> {
  const end = offsets[session + 1]!
  if (end - offsets[session]! > 1) yield [end - 2, end - 1]
}

/** The first event, and the target. */
function* firstToLast({ offsets }: Sessions, session: number): Iterable<readonly [number, number]> {
  const [start, end] = [offsets[session]!, offsets[session + 1]!]
  if (end - start > 1) yield [start, end - 1]
}

/** Features of an event that tell which item comes next: learnt from training, tried on the targets, beside what the item of that event tells. */
export const targetInFeatures: LeakCheck = (input) => {
  const { context = [] } = input
  return telling(input, eachNext, lastNext, (name) => !context.includes(name)).map(([name, share]) => ({
    kind: 'target-in-features',
    severity: 'error',
    count: Math.round(share.hits),
    examples: [name],
    message: `Feature '${name}' of the last event before the target names the target in ${shares(share)}: it holds what comes next. Leave it out, or compute it from what was known at its event.`,
  }))
}

/** Features that are read at a session's first event, or at the predicted one itself, and tell the target. */
export const visibleTarget: LeakCheck = (input) => {
  const { context = [], visible = [], test, validation } = input
  const read = telling(input, firstToLast, firstToLast, (name) => context.includes(name)).map(
    ([name, share]): LeakFinding => ({
      kind: 'visible-target',
      severity: 'error',
      count: Math.round(share.hits),
      examples: [name],
      message: `Context feature '${name}' names the target in ${shares(share)}, and a model reads it from the first event on. Take what was known when the session began.`,
    }),
  )
  const shown = visible.flatMap((name): readonly LeakFinding[] => {
    const { changed, sessions } = changes([validation, test], name)
    if (changed === 0) return []
    return [
      {
        kind: 'visible-target',
        severity: 'error',
        count: changed,
        examples: [name],
        message: `Feature '${name}' of the event to be predicted is shown to the model, and is another than that of the event before in ${changed} of ${sessions} targets: it says something of the target. Show what was known before the event alone.`,
      },
    ]
  })
  return [...read, ...shown]
}

/** Categorical features that are the item under another name. */
export const itemCopy: LeakCheck = ({ train, context = [] }) =>
  featureColumns([train])
    .filter(({ name, isCode }) => isCode && !context.includes(name))
    .flatMap((column) => {
      const codes = column.of(train)
      const pairs = spread(spansOf(train), MOST).flatMap(({ session }) => {
        const found: [number, number][] = []
        for (let event = train.offsets[session]!; event < train.offsets[session + 1]!; event++) {
          const [item, value] = [train.items[event]!, codes[event]!]
          if (item >= RESERVED && says(column, value)) found.push([value, item])
        }
        return found
      })
      const [items, values] = [habitsOf(pairs), habitsOf(pairs.map(([value, item]) => [item, value]))]
      const [one, other] = [settled(items), settled(values)]
      // An id of the event itself tells the item as well, once.
      const copies = Math.min(one.share, other.share) >= 0.99 && one.keys >= 5 && one.repeated >= 0.5
      if (!copies) return []
      return [
        {
          kind: 'item-copy',
          severity: 'warning' as const,
          count: one.keys,
          examples: [column.name],
          message: `Feature '${column.name}' has a value of its own for each of ${counted(one.keys, 'item')}: it is the item under another name. Leave it out: it says nothing more, and where a model is shown it at the event to be predicted it gives the answer away.`,
        },
      ]
    })

interface Share {
  readonly hits: number
  readonly targets: number
}

const shares = ({ hits, targets }: Share): string =>
  `${hits} of ${targets} targets (${((100 * hits) / targets).toFixed(0)} %)`

/** Where an event says what, and what comes next: places among the events of some sessions. */
type Place = readonly [sessions: Sessions, says: number, next: number]

/** All such places of sessions whose next item is known. */
const placesOf = (sessions: Sessions, places: Places): readonly Place[] =>
  spread(spansOf(sessions), MOST).flatMap(({ session }) =>
    [...places(sessions, session)]
      .filter(([, next]) => sessions.items[next]! >= RESERVED)
      .map(([at, next]): Place => [sessions, at, next]),
  )

/** Features that name the target at least half the time, and fail at most half as often as the item in their place does. */
function telling(
  { train, validation, test }: LeakageInput,
  learnt: Places,
  tried: Places,
  wanted: (name: string) => boolean,
): readonly (readonly [string, Share])[] {
  const parts = [validation, test].filter(({ count }) => count > 0)
  const columns = featureColumns([train, ...parts]).filter(({ name }) => wanted(name))
  if (columns.length === 0 || parts.length === 0) return []
  const learning = placesOf(train, learnt)
  const targets = parts.map((part) => placesOf(part, tried))
  const ways: readonly (readonly [known: readonly Place[], asked: readonly Place[]])[] = [
    [learning, targets.flat()],
    ...targets.flatMap((own) => [
      [learning, own] as const,
      // Where a split cuts sessions, training may never have what a feature names: every other target tells of the rest.
      [everyOther(own, 0), everyOther(own, 1)] as const,
    ]),
  ]
  const found = new Map<string, Share>()
  for (const [known, asked] of ways) {
    if (asked.length < LEAST) continue
    const share = ({ isCode, of, name }: FeatureColumn): Share => {
      const habits = habitsOf(
        known.flatMap(([sessions, at, next]) => {
          const value = of(sessions)[at]!
          return says({ isCode, of, name }, value) ? [[value, sessions.items[next]!] as const] : []
        }),
      )
      const hits = asked.filter(
        ([sessions, at, next]) => habits.get(of(sessions)[at]!)?.answer === sessions.items[next],
      )
      return { hits: hits.length, targets: asked.length }
    }
    const missed = (each: Share): number => 1 - each.hits / each.targets
    const own = missed(share({ name: '', isCode: true, of: ({ items }) => items }))
    for (const column of columns) {
      const each = share(column)
      if (!found.has(column.name) && missed(each) <= 0.5 && missed(each) <= own / 2)
        found.set(column.name, each)
    }
  }
  return [...found]
}

/** Every other place, from the first or the second on. */
const everyOther = (places: readonly Place[], from: 0 | 1): readonly Place[] =>
  places.filter((_, at) => at % 2 === from)

/** How surely keys have one answer: of the events whose key is there again, those with its usual answer. */
function settled(known: ReadonlyMap<number, Habit>): {
  readonly share: number
  readonly repeated: number
  readonly keys: number
} {
  let [usual, again, all] = [0, 0, 0]
  for (const own of known.values()) {
    all += own.all
    if (own.all < 2) continue
    usual += own.times
    again += own.all
  }
  return { share: again === 0 ? 0 : usual / again, repeated: all === 0 ? 0 : again / all, keys: known.size }
}

/** Of how many targets a feature is another than at the event before. */
function changes(
  parts: readonly Sessions[],
  name: string,
): { readonly changed: number; readonly sessions: number } {
  let [changed, count] = [0, 0]
  for (const part of parts) {
    const column = ownValue(part.categorical, name) ?? ownValue(part.continuous, name)
    if (column === undefined) continue
    for (let session = 0; session < part.count; session++) {
      if (sessionLength(part, session) < 2) continue
      const end = part.offsets[session + 1]!
      count++
      if (!Object.is(column[end - 1], column[end - 2])) changed++
    }
  }
  return { changed, sessions: count }
}
