import { NOTHING } from './compile-sql.ts'
import type { Functions } from './functions.ts'
import type { EventOperator, Past, State } from './operator.ts'
import { reached, type Plan, type PlannedNode } from './plan.ts'
import type { Value } from './value.ts'

/** A state made ready for look-ups. */
export interface StateIndex {
  readonly state: State
  readonly rows: ReadonlyMap<string, number>
}

const keyOf = (parts: readonly Value[]): string =>
  parts.length === 1 ? String(parts[0]) : JSON.stringify(parts)

/** The index is made when a key is first looked up: what is fitted to be saved needs none. */
export function indexState(state: State): StateIndex {
  let rows: ReadonlyMap<string, number> | undefined
  return {
    state,
    get rows() {
      rows ??= new Map(state.keys.map((key, index) => [keyOf(key), index]))
      return rows
    },
  }
}

export interface EvaluateOptions {
  readonly events: number
  /** The values of a column of the events, by the name and type it is read as, an entry an event. */
  readonly column: (name: string, type: string) => readonly Value[]
  /** By place in the plan. */
  readonly states: ReadonlyMap<number, StateIndex>
  /** The past of a stream operator, by place in the plan. */
  readonly past: (place: number) => Past
  /** What `javascript` nodes call; default: none. */
  readonly functions?: Functions
}

/** A plan's values for the events of one session in their order: the same tree as in SQL, without an engine. An entry a root, in it an entry an event. */
export function evaluate(plan: Plan, options: EvaluateOptions): readonly (readonly Value[])[] {
  const values: (readonly Value[])[] = []
  const needed = reached(plan, plan.roots)
  for (const [place, node] of plan.nodes.entries())
    values.push(needed.has(place) ? nodeValues(node, place, values, options) : [])
  return plan.roots.map((root) => values[root]!)
}

function nodeValues(
  { expression, operator, inputs }: PlannedNode,
  place: number,
  values: readonly (readonly Value[])[],
  { events, column, states, past, functions = {} }: EvaluateOptions,
): readonly Value[] {
  const { options } = expression
  if (expression.op === 'column') return column(options['name'] as string, options['type'] as string)
  const own = inputs.map((input) => values[input]!)
  if (operator.scope === 'session') return operator.evaluate(own, options, events)
  const at = (event: number): readonly Value[] => own.map((each) => each[event]!)
  if (operator.scope === 'stream') {
    const before = past(place)
    return Array.from({ length: events }, (_, event) => operator.evaluate(at(event), options, before))
  }
  const index = states.get(place)
  return Array.from({ length: events }, (_, event) => {
    const row = at(event)
    return operator.evaluate(row, {
      options,
      fitted: index?.state ?? NOTHING,
      functions,
      state: (name) => stateValue(operator, index, row, name),
    })
  })
}

function stateValue(
  { fit }: EventOperator,
  index: StateIndex | undefined,
  inputs: readonly Value[],
  name: string,
): Value {
  if (fit === undefined || index === undefined) return null
  const { state, rows } = index
  if (Object.hasOwn(state.totals, name)) return state.totals[name]!
  const keys = fit.keys(inputs)
  if (keys.includes(null)) return null
  const row = rows.get(keyOf(keys))
  return row === undefined ? null : state.columns[name]![row]!
}
