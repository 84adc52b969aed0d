import type { Database } from '../events/database.ts'
import {
  duckdb,
  type AggregateContext,
  type Fit,
  type Plan,
  type State,
  type Value,
} from '../expressions/index.ts'
import { sortedTexts } from './json-rows.ts'
import { compileStage, type Stage, type States } from './stage.ts'

/** A node that learns. */
export interface Learner {
  readonly place: number
  readonly fit: Fit
  readonly keys: readonly string[]
  /** Where an event is counted under several keys: all of them, a row each. */
  readonly pooled: readonly (readonly string[])[] | undefined
  /** SQL aggregates by name. */
  readonly columns: Readonly<Record<string, string>>
  readonly totals: Readonly<Record<string, string>>
}

/** Where is learnt from, and what is known. */
export interface Source {
  readonly stage: Stage
  readonly states: States
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

/** What aggregates are made of, where it is known of each number that is summed how large it can be. */
export const aggregateContext = (largest: (x: string) => number): AggregateContext => {
  const sum = (x: string, where?: string): string => duckdb.sum(x, { largest: largest(x), where })
  return { dialect: duckdb, sum, mean: (x) => `${sum(x)} / count(${x})` }
}

const inputsOf = (plan: Plan, places: readonly number[]): readonly number[] => [
  ...new Set(places.flatMap((place) => plan.nodes[place]!.inputs)),
]

const placesOf = (learners: readonly Learner[]): readonly number[] => learners.map(({ place }) => place)

/** The largest magnitude of each of some numbers among what is learnt from; 0 where there is none. */
export async function readLargest(
  database: Database,
  plan: Plan,
  {
    stage,
    states,
    places,
    numbers,
  }: Source & { readonly places: readonly number[]; readonly numbers: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  if (numbers.length === 0) return new Map()
  const { from } = compileStage(plan, inputsOf(plan, places), stage, states)
  const columns = await database.columns(
    `SELECT ${numbers.map((x) => number(`max(abs(${x}))`)).join(', ')} FROM ${from} AS s${whereLearnt(stage)}`,
  )
  return new Map(numbers.map((x, at) => [x, columns[at]![0]! || 0]))
}

const whereLearnt = ({ learnt }: Stage): string => (learnt === undefined ? '' : ` WHERE ${learnt}`)

export async function readTotals(
  database: Database,
  plan: Plan,
  learners: readonly Learner[],
  { stage, states }: Source,
): Promise<ReadonlyMap<number, State['totals']>> {
  if (learners.length === 0) return new Map()
  const { from } = compileStage(plan, inputsOf(plan, placesOf(learners)), stage, states)
  const { selected, of } = aggregates(learners.map(({ totals }) => totals))
  const columns = await database.columns(
    `SELECT ${selected.join(', ')} FROM ${from} AS s${whereLearnt(stage)}`,
  )
  return new Map(
    learners.map(({ place, totals }) => [
      place,
      Object.fromEntries(of(totals).map(([name, at]) => [name, orNull(columns[at]![0]!)])),
    ]),
  )
}

export interface Aggregated {
  readonly keys: State['keys']
  /** Of each learner, by place. */
  readonly columns: ReadonlyMap<number, State['columns']>
  /** What the columns are called in the engine's table. */
  readonly names: ReadonlyMap<State['columns'][string], string>
}

/** Aggregates by key in a table that stays in the engine, sorted by key; its texts and numbers come here. */
export async function readKeys(
  database: Database,
  plan: Plan,
  learners: readonly Learner[],
  { stage, states, name }: Source & { readonly name: string },
): Promise<Aggregated> {
  const events = compileStage(plan, inputsOf(plan, placesOf(learners)), stage, states).from
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
  const texts = await sortedTexts(database, name, named)
  const numbers = await database.columns(
    `SELECT ${selected.map((_, at) => `a${at}`).join(', ')} FROM ${name} ORDER BY rowid`,
  )
  const columns = numbers.map(valuesOf)
  return {
    keys: texts,
    names: new Map(columns.map((values, at) => [values, `a${at}`])),
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

function valuesOf(numbers: Float64Array): readonly Value[] {
  const values: Value[] = []
  for (let at = 0; at < numbers.length; at++) values.push(orNull(numbers[at]!))
  return values
}
