import { compileSql, duckdb, type Plan, type SqlOptions, type State } from '../expressions/index.ts'
import type { StateTables } from './state-tables.ts'

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
  /** Keeps the tables of one stage apart from those of another. */
  readonly name: string
  /** Whether its events are trained on, or the condition in SQL for those that are. */
  readonly training: boolean | string
  /** Where keyed states are. */
  readonly tables: StateTables
}

export const streamTable = (stage: Stage, place: number): string => `stream_${stage.name}_${place}`

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
    table: (place) => stage.tables.get(place)?.table ?? streamTable(stage, place),
    stateColumn: (place, name) => stage.tables.get(place)!.column(name),
    training: stage.training,
  })
