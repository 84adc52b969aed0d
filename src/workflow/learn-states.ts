import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import { overflow, type AggregateContext, type Plan, type State, type Value } from '../expressions/index.ts'
import {
  aggregateContext,
  readKeys,
  readLargest,
  readTotals,
  type Aggregated,
  type Learner,
  type Source,
} from './read-aggregates.ts'
import { compileStage, type Stage, type States } from './stage.ts'
import { createSharedTable, createStateTable, type PlacedState, type StateTable } from './state-tables.ts'

interface Context {
  readonly stage: Stage
  /** What is known; what is learnt is added. */
  readonly states: Map<number, State>
  readonly tables: Map<number, StateTable>
  readonly previous: States | undefined
}

/** Learns the states of some nodes that do not need each other's, each key's in one pass over the events, and makes their tables. */
export async function learnStates(
  database: Database,
  plan: Plan,
  places: readonly number[],
  context: Context,
): Promise<void> {
  const sums = await exactSums(database, plan, places, context)
  const learners = places.map((place) => learnerOf(plan, place, context, sums))
  const summed = learners.filter(({ totals }) => Object.keys(totals).length > 0)
  const totals = await learnable(plan, summed, (some) => readTotals(database, plan, some, context))
  const keyed = new Map<string, Learner[]>()
  for (const learner of learners) {
    const text = JSON.stringify(learner.pooled ?? learner.keys)
    keyed.set(text, [...(keyed.get(text) ?? []), learner])
  }
  for (const group of keyed.values()) {
    const name = `keys_${context.stage.name}_${group[0]!.place}`
    const aggregate =
      group[0]!.keys.length === 0
        ? () => Promise.resolve<Aggregated>({ keys: [], columns: new Map(), names: new Map() })
        : (some: readonly Learner[]) => readKeys(database, plan, some, { ...context, name })
    const aggregated = await learnable(plan, group, aggregate)
    await addStates(database, plan, group, { ...context, name, totals, aggregated })
  }
}

/** Sums of what some nodes sum, which are exact as it is known how large the numbers are: asked once, where there are any. */
async function exactSums(
  database: Database,
  plan: Plan,
  places: readonly number[],
  context: Context,
): Promise<AggregateContext> {
  const summed = new Set<string>()
  const noted = aggregateContext((x) => {
    summed.add(x)
    return 0
  })
  for (const place of places) learnerOf(plan, place, context, noted)
  const largest = await readLargest(database, plan, { ...context, places, numbers: [...summed] })
  return aggregateContext((x) => largest.get(x)!)
}

function learnerOf(plan: Plan, place: number, { stage, states }: Source, sums: AggregateContext): Learner {
  const { operator, expression, inputs } = plan.nodes[place]!
  if (operator.scope !== 'event' || operator.fit === undefined) throw new Error('unreachable')
  const { fit } = operator
  const own = inputs.map(compileStage(plan, inputs, stage, states).value)
  const pooled = fit.pooled?.(own)
  return {
    place,
    fit,
    keys: fit.keys(own).map((key, at) => (pooled === undefined ? key : `p${at}`)),
    pooled,
    columns: fit.columns(own, expression.options, sums),
    totals: fit.totals(own, expression.options, sums),
  }
}

async function addStates(
  database: Database,
  plan: Plan,
  group: readonly Learner[],
  {
    name,
    aggregated: { keys, columns, names },
    totals,
    states,
    tables,
    stage,
    previous,
  }: Context & {
    readonly name: string
    readonly aggregated: Aggregated
    readonly totals: ReadonlyMap<number, State['totals']>
  },
): Promise<void> {
  const parts = group[0]!.keys.length
  const placed: PlacedState[] = []
  for (const { place, fit, columns: own } of group) {
    const none = Object.fromEntries(Object.keys(own).map((each) => [each, []]))
    const aggregated = { keys, columns: columns.get(place) ?? none, totals: totals.get(place) ?? {} }
    const state = fit.state(aggregated, plan.nodes[place]!.expression.options, previous?.get(place))
    checkFinite(plan.nodes[place]!.operator.name, state)
    states.set(place, state)
    if (parts === 0) continue
    const rows = rowsIn(keys, state.keys)
    if (rows !== undefined) placed.push({ place, state, rows, names })
    else tables.set(place, await createStateTable(database, `state_${stage.name}_${place}`, { state, parts }))
  }
  if (parts === 0) return
  const shared = await createSharedTable(database, `shared_${name}`, { keys: name, parts, placed })
  for (const [place, table] of shared) tables.set(place, table)
  await database.run(`DROP TABLE ${name}`)
}

/** Throws `COLUMN_INVALID` for what overflowed: as JSON it would be missing, and another value once it is saved. */
function checkFinite(name: string, { columns, totals }: State): void {
  const bad = (value: Value): boolean => typeof value === 'number' && !Number.isFinite(value)
  if (Object.values(totals).some(bad) || Object.values(columns).some((values) => values.some(bad)))
    throw overflow(name)
}

/**
 * Where keys are among those that were aggregated: 'all' of them as they are, or each one's row; nothing if one of them is not there.
 * What is asked is whether they are the very lists that were given, not whether they are equal.
 */
function rowsIn(all: State['keys'], keys: State['keys']): PlacedState['rows'] | undefined {
  if (keys === all) return 'all'
  // Few of many are mostly kept: looking many up among few is some times as fast as the other way round.
  const places = new Map(keys.map((key, at) => [key, at]))
  const rows = new Array<number>(keys.length).fill(-1)
  for (let row = 0; row < all.length; row++) {
    const at = places.get(all[row]!)
    if (at !== undefined) rows[at] = row
  }
  return rows.includes(-1) ? undefined : rows
}

/** Says of an overflow what it is: whose it is, is found by learning one by one. */
async function learnable<Result>(
  plan: Plan,
  learners: readonly Learner[],
  learn: (learners: readonly Learner[]) => Promise<Result>,
): Promise<Result> {
  try {
    return await learn(learners)
  } catch (cause) {
    const overflows = cause instanceof Error && cause.message.includes('out of range')
    if (cause instanceof EnsuiteError || !overflows) throw cause
    if (learners.length > 1) for (const learner of learners) await learnable(plan, [learner], learn)
    throw overflow(plan.nodes[learners[0]!.place]!.operator.name, cause)
  }
}
