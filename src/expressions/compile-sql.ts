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
  readonly training: boolean
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
    const joins = here.flatMap((place) => joinOf(plan.nodes[place]!, place, value, options))
    const selected = here.map((place) => `${nodeSql(plan.nodes[place]!, place, value, options)} AS n${place}`)
    from = `(SELECT s.*, ${selected.join(', ')} FROM ${from} AS s${joins.join('')})`
  }
  return { from, value }
}

type ValueSql = (place: number) => string

function joinOf(node: PlannedNode, place: number, value: ValueSql, options: SqlOptions): readonly string[] {
  const { operator, inputs } = node
  if (operator.scope === 'stream')
    return [` LEFT JOIN ${options.table(place)} AS t${place} ON t${place}.event_row = s.row`]
  if (operator.scope !== 'event' || operator.fit === undefined) return []
  const keys = operator.fit.keys(inputs.map(value))
  if (keys.length === 0) return []
  const on = keys.map((key, at) => `t${place}.k${at} = ${key}`)
  return [` LEFT JOIN ${options.table(place)} AS t${place} ON ${on.join(' AND ')}`]
}

function nodeSql(node: PlannedNode, place: number, value: ValueSql, options: SqlOptions): string {
  const { operator, inputs, expression } = node
  const { dialect, window, states, training } = options
  const own = inputs.map(value)
  if (operator.scope === 'session') return operator.sql(own, expression.options, { ...window, dialect })
  if (operator.scope === 'stream') return `t${place}.value`
  const fitted = states.get(place) ?? NOTHING
  return operator.sql(own, {
    dialect,
    options: expression.options,
    types: expression.inputs.map((input) => input.type),
    training,
    fitted,
    state: (name) =>
      Object.hasOwn(fitted.totals, name) ? dialect.literal(fitted.totals[name]!) : `t${place}.${name}`,
  })
}

export const NOTHING: State = { keys: [], columns: {}, totals: {} }
