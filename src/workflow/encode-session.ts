import { EnsuiteError } from '../errors.ts'
import { evaluate, expressions, shown, type Expression, type Value } from '../expressions/index.ts'
import { spellingCheck } from './check-spelling.ts'
import { checkLiveTimes } from './check-times.ts'
import { type Definition } from './definition.ts'
import { definitionColumns } from './definition-columns.ts'
import { itemColumn } from './item-feature.ts'
import { columnOf, type Event } from './event-values.ts'
import { conditionPlaces, mayMiss } from './demands.ts'
import { stagePlans } from './stage-plans.ts'
import { pastsFor, type IndexedStates, type WorkflowPast } from './workflow-past.ts'

export interface EncodedSession {
  /** Which of the given events are left after the steps, by their place, in the order of their times. */
  readonly events: readonly number[]
  /** The times of these events in milliseconds; none where the workflow has no times, or no event tells its own. */
  readonly times?: readonly number[]
  /** A value an event that is left, by name. */
  readonly features: Readonly<Record<string, readonly Value[]>>
  /** A value of the session, by name; null where no event is left. */
  readonly context: Readonly<Record<string, Value>>
}

/**
 * What gives the features of one live session: the same trees as `transform` compiles to SQL, on the events in the order of their times. What follows from the definition
 * alone is found once, not for each session.
 */
export function sessionEncoder(
  definition: Definition,
  states: IndexedStates,
): (events: readonly Event[], past: WorkflowPast | undefined) => EncodedSession {
  const plans = stagePlans(definition)
  const pastsOf = pastsFor(definition)
  const { session, item, time, steps } = definition
  const sku = item === undefined ? undefined : itemColumn(definition.features[item]!)
  const may = mayMiss(definition, sku === undefined ? undefined : expressions.column(sku, 'text'))
  const checkSpelling = spellingCheck(definitionColumns(definition))
  const features = Object.keys(definition.features)
  const context = Object.keys(definition.context)
  // A live session is one, and in the order given where its events tell no times.
  const conditions = plans.slice(0, -1).map((plan) => {
    const left = (given: readonly Expression[]): readonly number[] =>
      conditionPlaces(plan, plan.roots[0]!, given)
    return { timed: left([session]), untimed: left(time === undefined ? [session] : [session, time]) }
  })

  return (events, past) => {
    const given: unknown = events
    if (!Array.isArray(given))
      throw new EnsuiteError('OPTION_INVALID', `encode expects a list of events, received ${shown(given)}.`)
    for (const event of events) checkSpelling(event)
    const pasts = pastsOf(past)
    if (sku !== undefined && !may.item) checkItems(events, sku)
    const times = timesOf(events, definition)
    let kept = inOrder(events, times, may.time)
    const run = (at: number, roots: readonly number[]): readonly (readonly Value[])[] =>
      evaluate(
        { ...plans[at]!, roots },
        {
          events: kept.length,
          column: columnOf(events, kept),
          states: states[at]!,
          past: (place) => pasts[at]!.get(place)!,
          functions: definition.functions,
        },
      )
    let at = 0
    for (const step of steps) {
      if ('keep' in step) {
        const { timed, untimed } = conditions[at]!
        const truths = run(at++, times === undefined ? untimed : timed)
        kept = kept.filter((_, index) => truths.every((truth) => truth[index] === true))
      } else {
        const start = kept.findLastIndex(
          (event, index) =>
            index > 0 &&
            times !== undefined &&
            (times[event] as number) - (times[kept[index - 1]!] as number) > step.splitAfterMs,
        )
        kept = kept.slice(Math.max(0, start))
      }
    }
    const values = run(at, plans[at]!.roots)
    return {
      events: kept,
      ...(times !== undefined && { times: kept.map((event) => times[event] as number) }),
      features: Object.fromEntries(features.map((name, index) => [name, values[index]!])),
      context: Object.fromEntries(
        context.map((name, index) => [name, values[features.length + index]!.at(-1) ?? null]),
      ),
    }
  }
}

/** The times of the events; undefined where the workflow has none, or no event tells its own: the order given counts then. */
export function timesOf(events: readonly Event[], definition: Definition): readonly Value[] | undefined {
  const { time } = definition
  if (time === undefined) return undefined
  const times = columnOf(events)(time.options['name'] as string, time.options['type'] as string)
  checkLiveTimes(times, definition)
  return times.every((each) => each === null) ? undefined : times
}

function checkItems(events: readonly Event[], name: string): void {
  const missing = columnOf(events)(name, 'text').indexOf(null)
  if (missing < 0) return
  const event = events[missing]!
  if (Object.hasOwn(event, name))
    throw new EnsuiteError(
      'COLUMN_MISSING',
      `Event ${missing} of ${events.length} (counted from 0) expects an id in '${name}', the item, received ${shown(event[name])}. Give the id, or leave the event out.`,
    )
  throw new EnsuiteError(
    'COLUMN_MISSING',
    `Event ${missing} of ${events.length} (counted from 0) has no '${name}', the item; it has ` +
      `${Object.keys(event).join(', ') || 'no keys'}.`,
  )
}

/** The places of events that can be encoded, in the order of their times. */
export const inOrderOfTimes = (events: readonly Event[], definition: Definition): readonly number[] =>
  inOrder(events, timesOf(events, definition), true)

function inOrder(
  events: readonly Event[],
  times: readonly Value[] | undefined,
  mayMissTime: boolean,
): readonly number[] {
  const order = Array.from(events.keys())
  if (times === undefined) return order
  const missing = times.indexOf(null)
  if (missing >= 0 && !mayMissTime)
    throw new EnsuiteError(
      'COLUMN_MISSING',
      `Event ${missing} (counted from 0) has no time. Give every event its time.`,
    )
  const when = (event: number): number => (times[event] as number | null) ?? Infinity
  return order.sort((left, right) => (when(left) === when(right) ? left - right : when(left) - when(right)))
}
