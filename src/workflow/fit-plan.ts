import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import { identifier } from '../events/sql.ts'
import { compileSql, duckdb, type Plan, type SqlOptions, type State } from '../expressions/index.ts'
import { createStateTable, jsonRows } from './state-tables.ts'

export type States = ReadonlyMap<number, State>

/** Where the events of a stage are, and what its tables are called. */
export interface Stage {
  readonly from: string
  /** All events, also those that steps have dropped: what looks at all sessions sees them, as it does online. */
  readonly events: string
  /** Which events are learnt from: a condition in SQL. Default: all. */
  readonly learnt?: string
  readonly column: SqlOptions['column']
  readonly window: SqlOptions['window']
  /** Keeps the state tables of one stage apart from those of another. */
  readonly name: string
  readonly training: boolean
}

const tableOf = (stage: Stage, place: number): string => `state_${stage.name}_${place}`

/** What a plan is in SQL on the events of a stage. The tables of keyed states must be there. */
export const compileStage = (
  plan: Plan,
  wanted: readonly number[],
  stage: Stage,
  states: States,
): ReturnType<typeof compileSql> =>
  compileSql(plan, wanted, {
    dialect: duckdb,
    from: stage.from,
    column: stage.column,
    window: stage.window,
    states,
    table: (place) => tableOf(stage, place),
    training: stage.training,
  })

/** Learns the states of a plan, inner ones first, and makes their tables. `previous`: states that are extended. */
export async function fitPlan(
  database: Database,
  plan: Plan,
  stage: Stage,
  previous: States | undefined,
): Promise<States> {
  const states = new Map<number, State>()
  for (const [place, { operator, expression }] of plan.nodes.entries()) {
    if (operator.scope === 'stream') await createStreamTable(database, plan, stage, { place, states })
    if (operator.scope !== 'event' || operator.fit === undefined) continue
    const given = operator.fit.given?.(expression.options)
    const state = given ?? (await learn(database, plan, place, { stage, states, previous }))
    states.set(place, state)
    await useState(database, plan, stage, { place, state })
  }
  return states
}

/** Makes the tables of what looks at all sessions, and of states that are known. */
export async function useStates(database: Database, plan: Plan, stage: Stage, states: States): Promise<void> {
  for (const [place, state] of states) await useState(database, plan, stage, { place, state })
  for (const [place, { operator }] of plan.nodes.entries())
    if (operator.scope === 'stream') await createStreamTable(database, plan, stage, { place, states })
}

async function createStreamTable(
  database: Database,
  plan: Plan,
  stage: Stage,
  { place, states }: { readonly place: number; readonly states: States },
): Promise<void> {
  const { operator, expression, inputs } = plan.nodes[place]!
  if (operator.scope !== 'stream') throw new Error('unreachable')
  const all = compileStage(plan, inputs, { ...stage, from: stage.events }, states)
  await database.run(
    `CREATE OR REPLACE TABLE ${tableOf(stage, place)} AS ` +
      `SELECT s.row AS event_row, ${operator.sql(inputs.map(all.value), expression.options)} AS value FROM ${all.from} AS s`,
  )
}

async function useState(
  database: Database,
  { nodes }: Plan,
  stage: Stage,
  { place, state }: { readonly place: number; readonly state: State },
): Promise<void> {
  const { operator, inputs } = nodes[place]!
  const parts = operator.scope === 'event' ? (operator.fit?.keys(inputs).length ?? 0) : 0
  if (parts > 0) await createStateTable(database, tableOf(stage, place), { state, parts })
}

async function learn(
  database: Database,
  plan: Plan,
  place: number,
  context: { readonly stage: Stage; readonly states: States; readonly previous: States | undefined },
): Promise<State> {
  const { operator, expression, inputs } = plan.nodes[place]!
  if (operator.scope !== 'event' || operator.fit === undefined) throw new Error('unreachable')
  const { fit } = operator
  const compiled = compileStage(plan, inputs, context.stage, context.states)
  const own = inputs.map(compiled.value)
  // An event that is counted under several keys is a row for each of them.
  const pooled = fit.pooled?.(own)
  const keys = fit.keys(own).map((key, at) => (pooled === undefined ? key : `p${at}`))
  const rowsOfKeys =
    pooled === undefined
      ? compiled.from
      : `(SELECT s.*, ${keys.map((key, at) => `unnest([${pooled.map((parts) => parts[at]!).join(', ')}]) AS ${key}`).join(', ')} FROM ${compiled.from} AS s)`
  const columns = fit.columns(own, expression.options, duckdb)
  const totals = fit.totals(own, expression.options)
  const named = (record: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(record).map(
      ([name, sql]) => `${duckdb.finite(`CAST(${sql} AS DOUBLE)`)} AS ${identifier(name)}`,
    )

  const learnt = context.stage.learnt === undefined ? [] : [context.stage.learnt]
  const query = (sql: string): ReturnType<typeof jsonRows> =>
    learnable(operator.name, () => jsonRows(database, sql))
  const rows =
    keys.length === 0
      ? []
      : await query(
          `SELECT ${[...keys.map((key, at) => `${key} AS k${at}`), ...named(columns)].join(', ')} FROM ${rowsOfKeys} AS s ` +
            `WHERE ${[...keys.map((key) => `${key} IS NOT NULL`), ...learnt].join(' AND ')} GROUP BY ${keys.join(', ')} ORDER BY ${keys.map((_, at) => `k${at}`).join(', ')}`,
        )
  const [all] =
    Object.keys(totals).length === 0
      ? [{}]
      : await query(
          `SELECT ${named(totals).join(', ')} FROM ${compiled.from} AS s${learnt.map((condition) => ` WHERE ${condition}`).join('')}`,
        )
  const aggregated: State = {
    keys: rows.map((row) => keys.map((_, at) => row[`k${at}`] as string)),
    columns: Object.fromEntries(Object.keys(columns).map((name) => [name, rows.map((row) => row[name]!)])),
    totals: all ?? {},
  }
  return fit.state(aggregated, expression.options, context.previous?.get(place))
}

/** Says of an overflow what it is. */
async function learnable<Result>(operator: string, learn: () => Promise<Result>): Promise<Result> {
  try {
    return await learn()
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.includes('out of range'))) throw cause
    throw new EnsuiteError(
      'COLUMN_INVALID',
      `'${operator}' cannot be learnt: numbers are so large that their squares overflow. Clip them first: clip(x, { max: … }).`,
      { cause },
    )
  }
}
