import type { Dialect } from './dialect.ts'
import type { SessionWindow, State } from './operator.ts'
import { reached, type Plan, type PlannedNode } from './plan.ts'

export interface SqlOptions {
  readonly dialect: Dialect
  /** What `SELECT … FROM` takes: a table with the columns of the events. */
  readonly from: string
  /** The SQL of a column of the events, by the name and type it is read as. */
  readonly column: (name: string, type: string) => string
  readonly window: SessionWindow
  /** By place in the plan. */
  readonly states: ReadonlyMap<number, State>
  /**
   * The name of the table of a node. Of a keyed state: columns k0, k1, … and those of the state. Of an operator that looks at all sessions: `event_row`, the events' `row`, and `value`,
   * since `from` may hold only some of the events.
   */
  readonly table: (place: number) => string
  /** What a column of a keyed state is called in its table; nodes of one key may share a table. Default: its name. */
  readonly stateColumn?: (place: number, name: string) => string
  readonly training: boolean | string
}

export interface CompiledSql {
  /** What `SELECT … FROM` takes: all columns of the events, and those of the plan. */
  readonly from: string
  /** The SQL of a node there. */
  readonly value: (place: number) => string
}

/**
 * A plan as nested selections, one a level: each node is a column, so that no text is repeated and windows never nest.
 * `wanted`: which nodes are needed; what they do not reach is left out.
 */
export function compileSql(plan: Plan, wanted: readonly number[], options: SqlOptions): CompiledSql {
  const { dialect, column } = options
  const needed = reached(plan, wanted)
  const value = (place: number): string => {
    const { expression } = plan.nodes[place]!
    if (expression.op === 'column')
      return column(expression.options['name'] as string, expression.options['type'] as string)
    if (expression.op === 'literal') return dialect.literal(expression.options['value'] as string)
    return `n${place}`
  }
  const levels = Math.max(0, ...[...needed].map((place) => plan.nodes[place]!.level))
  let from = options.from
  for (let level = 1; level <= levels; level++) {
    const here = [...needed].filter((place) => plan.nodes[place]!.level === level)
    const joins = here.flatMap((place) => joinOf(plan.nodes[place]!, place, value, options) ?? [])
    const selected = here.map(
      (place) => `${nodeSql(plan.nodes[place]!, place, joins, { value, options })} AS n${place}`,
    )
    from = `(SELECT s.*, ${selected.join(', ')} FROM ${from} AS s${joinsSql(joins)})`
  }
  return { from, value }
}

type ValueSql = (place: number) => string

/** What a node is joined with. */
interface Join {
  readonly place: number
  readonly table: string
  readonly on: readonly (readonly [column: string, sql: string])[]
}

function joinOf(
  { operator, inputs }: PlannedNode,
  place: number,
  value: ValueSql,
  { table }: SqlOptions,
): Join | undefined {
  if (operator.scope === 'stream') return { place, table: table(place), on: [['event_row', 's.row']] }
  if (operator.scope !== 'event' || operator.fit === undefined) return undefined
  const keys = operator.fit.keys(inputs.map(value))
  if (keys.length === 0) return undefined
  return { place, table: table(place), on: keys.map((key, at) => [`k${at}`, key]) }
}

/** The name of a node's table in a level: the first of the joins that are the same. */
function aliasOf(place: number, joins: readonly Join[]): string {
  const text = ({ table, on }: Join): string => JSON.stringify([table, on])
  const own = joins.find((join) => join.place === place)
  const first = own === undefined ? undefined : joins.find((join) => text(join) === text(own))
  return `t${(first ?? { place }).place}`
}

const joinsSql = (joins: readonly Join[]): string =>
  joins
    .filter(({ place }) => aliasOf(place, joins) === `t${place}`)
    .map(
      ({ place, table, on }) =>
        ` LEFT JOIN ${table} AS t${place} ON ${on.map(([column, sql]) => `t${place}.${column} = ${sql}`).join(' AND ')}`,
    )
    .join('')

function nodeSql(
  node: PlannedNode,
  place: number,
  joins: readonly Join[],
  { value, options }: { readonly value: ValueSql; readonly options: SqlOptions },
): string {
  const { operator, inputs, expression } = node
  const { dialect, window, states, training, stateColumn = ownName } = options
  const own = inputs.map(value)
  if (operator.scope === 'session') return operator.sql(own, expression.options, { ...window, dialect })
  const alias = aliasOf(place, joins)
  if (operator.scope === 'stream') return `${alias}.value`
  const fitted = states.get(place) ?? NOTHING
  return operator.sql(own, {
    dialect,
    options: expression.options,
    types: expression.inputs.map((input) => input.type),
    training,
    fitted,
    state: (name) =>
      Object.hasOwn(fitted.totals, name)
        ? dialect.literal(fitted.totals[name]!)
        : `${alias}.${stateColumn(place, name)}`,
  })
}

const ownName = (_place: number, name: string): string => name

export const NOTHING: State = { keys: [], columns: {}, totals: {} }
