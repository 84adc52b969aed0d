import { EnsuiteError } from '../errors.ts'
import {
  createPast,
  evaluate,
  type GrowingPast,
  type Plan,
  type StateIndex,
  type Value,
} from '../expressions/index.ts'
import { checkLiveTimes } from './check-times.ts'
import type { Definition } from './definition.ts'
import { definitionToJson } from './definition-json.ts'
import { columnOf, type Event } from './event-values.ts'
import { stagePlans } from './stage-plans.ts'

/** What was seen so far by the operators that look at all sessions: keep it beside the live stream of events. */
export interface WorkflowPast {
  /** Tells of an event when it has happened, those of the live session too. Throws what `encode` throws. */
  observe(event: Event): void
  /** Forgets what happened before a time (milliseconds since 1970), so that memory stays bounded. */
  forget(before: number): void
}

export type IndexedStates = readonly ReadonlyMap<number, StateIndex>[]

/** Values of a column of some events, by the name and type it is read as. */
type Columns = (name: string, type: string) => readonly Value[]

/** By stage and place in its plan. */
type Pasts = readonly ReadonlyMap<number, GrowingPast>[]

interface Kept {
  readonly definition: Definition
  readonly pasts: Pasts
  readonly add: (events: number, column: Columns) => void
}

const keptOf = new WeakMap<WorkflowPast, Kept>()

/** The places of the operators of a plan that look at all sessions. */
const streamPlaces = ({ nodes }: Plan): readonly number[] =>
  [...nodes.keys()].filter((place) => nodes[place]!.operator.scope === 'stream')

/** The names of the operators that look at all sessions, each once. */
export const streamOperators = (definition: Definition): readonly string[] => [
  ...new Set(
    stagePlans(definition).flatMap((plan) =>
      streamPlaces(plan).map((place) => plan.nodes[place]!.operator.name),
    ),
  ),
]

/** What these look at: plans whose roots are their inputs. */
export const streamInputs = (definition: Definition): readonly Plan[] =>
  stagePlans(definition).map((plan) => ({
    ...plan,
    roots: streamPlaces(plan).flatMap((place) => plan.nodes[place]!.inputs),
  }))

export function createWorkflowPast(definition: Definition, states: IndexedStates): WorkflowPast {
  const plans = stagePlans(definition)
  const pasts: Pasts = plans.map(
    (plan) => new Map(streamPlaces(plan).map((place) => [place, createPast()] as const)),
  )
  const { time } = definition
  const add = (events: number, given: Columns): void => {
    const column: Columns = (name, type) => {
      const values = given(name, type)
      if (name === time?.options['name'] && type === time.options['type']) checkLiveTimes(values, definition)
      return values
    }
    const found = plans.flatMap((plan, at) =>
      [...pasts[at]!].map(([place, own]) => {
        const { operator, inputs } = plan.nodes[place]!
        const values = evaluate(
          { ...plan, roots: inputs },
          { events, column, states: states[at]!, past: () => own, functions: definition.functions },
        )
        return { operator, own, values }
      }),
    )
    // Nothing is remembered of events that one of them refuses.
    for (const { operator, own, values } of found)
      for (let event = 0; event < events; event++) {
        const added = operator.scope === 'stream' ? operator.event(values.map((each) => each[event]!)) : null
        if (added !== null) own.add(added.key, added.time)
      }
  }
  const past: WorkflowPast = {
    observe: (event) => {
      add(1, columnOf([event]))
    },
    forget: (before) => {
      for (const stage of pasts) for (const own of stage.values()) own.forget(before)
    },
  }
  keptOf.set(past, { definition, pasts, add })
  return past
}

/** Tells a past of many events at once, whose values are read already. */
export function observeColumns(past: WorkflowPast, events: number, column: Columns): void {
  keptOf.get(past)!.add(events, column)
}

/** What takes a session's past: it throws `OPTION_INVALID` for none where one is needed, for what is no past, and for that of another workflow. */
export function pastsFor(definition: Definition): (past: WorkflowPast | undefined) => Pasts {
  const operators = streamOperators(definition)
  const text = (each: Definition): string => JSON.stringify(definitionToJson(each))
  return (past) => {
    if (past === undefined) {
      if (operators.length === 0) return []
      throw new EnsuiteError(
        'OPTION_INVALID',
        `encode: past is expected, since ${operators.join(', ')} looks at other sessions, and received none. ` +
          'Keep one that createPast() gives, tell it of every event with past.observe(event), and give it: { past }.',
      )
    }
    const known = keptOf.get(past)
    if (
      known !== undefined &&
      (known.definition === definition || text(known.definition) === text(definition))
    )
      return known.pasts
    throw new EnsuiteError(
      'OPTION_INVALID',
      'encode: past expects what createPast() of a workflow of the same definition gave. Make it with this workflow.',
    )
  }
}
