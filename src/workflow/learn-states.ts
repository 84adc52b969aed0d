import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import { duckdb, type Fit, type Plan, type State, type Value } from '../expressions/index.ts'
import { textRows } from './json-rows.ts'
import { compileStage, type Stage, type States } from './stage.ts'
import { createSharedTable, createStateTable, type PlacedState, type StateTable } from './state-tables.ts'

interface Context {
  readonly stage: Stage
  /** What is known; what is learnt is added. */
  readonly states: Map<number, State>
  readonly tables: Map<number, StateTable>
  readonly previous: States | undefined
}

/** A node that learns. */
interface Learner {
  readonly place: number
  readonly fit: Fit
  readonly keys: readonly string[]
  /** Where an event is counted under several keys: all of them, a row each. */
  readonly pooled: readonly (readonly string[])[] | undefined
  /** SQL aggregates by name. */
  readonly columns: Readonly<Record<string, string>>
  readonly totals: Readonly<Record<string, string>>
}

/** Learns the states of some nodes that do not need each other's, each key's in one pass over the events, and makes their tables. */
export async function learnStates(
  database: Database,
  plan: Plan,
  places: readonly number[],
  context: Context,
): Promise<void> {
  const learners = places.map((place) => learnerOf(plan, place, context))
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
        ? () => Promise.resolve({ keys: [], columns: new Map<number, State['columns']>() })
        : (some: readonly Learner[]) => readKeys(database, plan, some, { ...context, name })
    const { keys, columns } = await learnable(plan, group, aggregate)
    await addStates(database, plan, group, { ...context, name, totals, keys, columns })
  }
}

function learnerOf(plan: Plan, place: number, { stage, states }: Context): Learner {
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
    columns: fit.columns(own, expression.options, duckdb),
    totals: fit.totals(own, expression.options),
  }
}

const number = (sql: string): string => duckdb.finite(`CAST(${sql} AS DOUBLE)`)

/** The distinct aggregates of some records, each under a name; `names` gives each record's own. */
function aggregates(records: readonly Readonly<Record<string, string>>[]): {
  readonly selected: readonly string[]
  readonly of: (record: Readonly<Record<string, string>>) => readonly (readonly [string, number])[]
} {
  const distinct = [...new Set(records.flatMap((record) => Object.values(record)))]
  return {
    selected: distinct.map((sql, at) => `${number(sql)} AS a${at}`),
    of: (record) => Object.entries(record).map(([name, sql]) => [name, distinct.indexOf(sql)]),
  }
}

const inputsOf = (plan: Plan, learners: readonly Learner[]): readonly number[] => [
  ...new Set(learners.flatMap(({ place }) => plan.nodes[place]!.inputs)),
]

async function readTotals(
  database: Database,
  plan: Plan,
  learners: readonly Learner[],
  { stage, states }: Context,
): Promise<ReadonlyMap<number, State['totals']>> {
  if (learners.length === 0) return new Map()
  const { from } = compileStage(plan, inputsOf(plan, learners), stage, states)
  const { selected, of } = aggregates(learners.map(({ totals }) => totals))
  const where = stage.learnt === undefined ? '' : ` WHERE ${stage.learnt}`
  const columns = await database.columns(`SELECT ${selected.join(', ')} FROM ${from} AS s${where}`)
  return new Map(
    learners.map(({ place, totals }) => [
      place,
      Object.fromEntries(of(totals).map(([name, at]) => [name, orNull(columns[at]![0]!)])),
    ]),
  )
}

/** Aggregates by key in a table that stays in the engine, sorted by key; its texts and numbers come here. */
async function readKeys(
  database: Database,
  plan: Plan,
  learners: readonly Learner[],
  { stage, states, name }: Context & { readonly name: string },
): Promise<{
  readonly keys: State['keys']
  readonly columns: ReadonlyMap<number, State['columns']>
}> {
  const events = compileStage(plan, inputsOf(plan, learners), stage, states).from
  const { keys, pooled } = learners[0]!
  const from = pooled === undefined ? events : pooledRows(events, keys, pooled)
  const { selected, of } = aggregates(learners.map(({ columns }) => columns))
  const named = keys.map((_, at) => `k${at}`)
  const where = [
    ...keys.map((key) => `${key} IS NOT NULL`),
    ...(stage.learnt === undefined ? [] : [stage.learnt]),
  ]
  await database.run(
    `CREATE OR REPLACE TABLE ${name} AS SELECT ${[...keys.map((key, at) => `${key} AS k${at}`), ...selected].join(', ')} ` +
      `FROM ${from} AS s WHERE ${where.join(' AND ')} GROUP BY ${keys.join(', ')} ORDER BY ${named.join(', ')}`,
  )
  const texts = await textRows(database, name, named)
  const numbers = await database.columns(
    `SELECT ${selected.map((_, at) => `a${at}`).join(', ')} FROM ${name} ORDER BY rowid`,
  )
  const columns = numbers.map((values) => Array.from(values, orNull))
  return {
    keys: texts,
    columns: new Map(
      learners.map((learner) => [
        learner.place,
        Object.fromEntries(of(learner.columns).map(([own, at]) => [own, columns[at]!])),
      ]),
    ),
  }
}

/** A row for each of the keys that an event is counted under. */
const pooledRows = (
  from: string,
  keys: readonly string[],
  pooled: readonly (readonly string[])[],
): string => {
  const lists = keys.map((key, at) => `unnest([${pooled.map((parts) => parts[at]!).join(', ')}]) AS ${key}`)
  return `(SELECT s.*, ${lists.join(', ')} FROM ${from} AS s)`
}

const orNull = (value: number): Value => (Number.isNaN(value) ? null : value)

async function addStates(
  database: Database,
  plan: Plan,
  group: readonly Learner[],
  {
    name,
    keys,
    columns,
    totals,
    states,
    tables,
    stage,
    previous,
  }: Context & {
    readonly name: string
    readonly keys: State['keys']
    readonly columns: ReadonlyMap<number, State['columns']>
    readonly totals: ReadonlyMap<number, State['totals']>
  },
): Promise<void> {
  const rows = new Map(keys.map((key, row) => [key, row]))
  const parts = group[0]!.keys.length
  const placed: PlacedState[] = []
  for (const { place, fit, columns: own } of group) {
    const none = Object.fromEntries(Object.keys(own).map((each) => [each, []]))
    const aggregated = { keys, columns: columns.get(place) ?? none, totals: totals.get(place) ?? {} }
    const state = fit.state(aggregated, plan.nodes[place]!.expression.options, previous?.get(place))
    states.set(place, state)
    if (parts === 0) continue
    // The very lists that were aggregated: what a key was called, the engine still knows.
    const known = state.keys.map((key) => rows.get(key))
    if (known.every((row) => row !== undefined)) placed.push({ place, state, rows: known })
    else tables.set(place, await createStateTable(database, `state_${stage.name}_${place}`, { state, parts }))
  }
  if (parts === 0) return
  const shared = await createSharedTable(database, `shared_${name}`, { keys: name, parts, placed })
  for (const [place, table] of shared) tables.set(place, table)
  await database.run(`DROP TABLE ${name}`)
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
    if (!(cause instanceof Error && cause.message.includes('out of range'))) throw cause
    if (learners.length > 1) for (const learner of learners) await learnable(plan, [learner], learn)
    throw new EnsuiteError(
      'COLUMN_INVALID',
      `'${plan.nodes[learners[0]!.place]!.operator.name}' cannot be learnt: numbers are so large that their squares overflow. Clip them first: clip(x, { max: … }).`,
      { cause },
    )
  }
}
