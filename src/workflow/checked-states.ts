import { EnsuiteError } from '../errors.ts'
import { type Fit, type PlannedNode, type State } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import type { Definition } from './definition.ts'
import type { States } from './fit-plan.ts'
import { aggregateContext } from './read-aggregates.ts'
import { stagePlans } from './stage-plans.ts'

/** What `toJSON` wrote of what was learnt, a map a stage; everything is checked. Throws `ARTIFACT_INVALID`. */
export function checkedStates(defined: Definition, states: unknown): readonly States[] {
  const plans = stagePlans(defined)
  if (!Array.isArray(states) || states.length !== plans.length) throw invalid('states', states)
  return plans.map((plan, at) => {
    const stage = states[at] as unknown
    if (!Array.isArray(stage) || !stage.every((entry) => Array.isArray(entry) && entry.length === 2))
      throw invalid(`states[${at}]`, stage)
    const entries = new Map(stage as readonly (readonly [number, State])[])
    const learning = plan.nodes.flatMap((node, place) => (fitOf(node) === undefined ? [] : [place]))
    if (entries.size !== stage.length || entries.size !== learning.length)
      throw invalid(`states[${at}]`, stage)
    for (const place of learning) {
      const state = entries.get(place)
      if (!isState(plan.nodes[place]!, state)) throw invalid(`states[${at}] of node ${place}`, state)
    }
    return entries
  })
}

const fitOf = ({ operator }: PlannedNode): Fit | undefined =>
  operator.scope === 'event' ? operator.fit : undefined

function isState(node: PlannedNode, state: unknown): boolean {
  const fit = fitOf(node)!
  const { options } = node.expression
  checkOptions('a state', state as object, ['keys', 'columns', 'totals'])
  const { keys, columns, totals } = state as Record<string, unknown>
  const given = fit.given?.(options)
  const own = given ?? emptyState(fit, node)
  const parts = fit.keys(node.inputs).length
  if (!areKeys(keys, parts) || !hasNames(columns, own.columns) || !hasNames(totals, own.totals)) return false
  const lists = Object.values(columns)
  const whole =
    lists.every((values) => Array.isArray(values) && (parts === 0 || values.length === keys.length)) &&
    (given !== undefined || [...(lists as unknown[][]).flat(), ...Object.values(totals)].every(isNumber))
  if (!whole) return false
  if (fit.check !== undefined) return fit.check(state as State, options)
  return given === undefined || JSON.stringify(state) === JSON.stringify(given)
}

/** What is learnt from no event: the names of all there is. */
function emptyState(fit: Fit, { inputs, expression: { options } }: PlannedNode): State {
  const own = inputs.map(() => 'NULL')
  const sums = aggregateContext(() => 0)
  const named = <Value>(record: object, value: Value): Record<string, Value> =>
    Object.fromEntries(Object.keys(record).map((name) => [name, value]))
  const aggregated = {
    keys: [],
    columns: named(fit.columns(own, options, sums), []),
    totals: named(fit.totals(own, options, sums), null),
  }
  return fit.state(aggregated, options, undefined)
}

const areKeys = (keys: unknown, parts: number): keys is readonly (readonly string[])[] =>
  Array.isArray(keys) &&
  keys.every(
    (key) => Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string'),
  ) &&
  new Set(keys.map((key) => JSON.stringify(key))).size === keys.length

const hasNames = (record: unknown, like: object): record is Readonly<Record<string, unknown>> =>
  typeof record === 'object' &&
  record !== null &&
  Object.keys(record).sort().join() === Object.keys(like).sort().join()

const isNumber = (value: unknown): boolean => value === null || Number.isFinite(value)

export function invalid(where: string, received: unknown): EnsuiteError {
  const text = JSON.stringify(received) as string | undefined
  return new EnsuiteError(
    'ARTIFACT_INVALID',
    `workflow.${where} is not what was saved: ${(text ?? 'nothing').slice(0, 80)}. Save the workflow again.`,
  )
}
