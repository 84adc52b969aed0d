import type { Database } from '../events/database.ts'
import type { State, Value } from '../expressions/index.ts'

/** Where the columns of a keyed state are: joined on k0, k1 … with the key of an event. */
export interface StateTable {
  readonly table: string
  readonly column: (name: string) => string
}

/** Of a plan, by place. */
export type StateTables = ReadonlyMap<number, StateTable>

/** A column of a state in an engine's table. A name is that of a total or column of an operator. */
const named = (name: string): string => name

/** Makes the table of a keyed state that the engine does not know: its keys as texts, and its columns. */
export async function createStateTable(
  database: Database,
  table: string,
  { state, parts }: { readonly state: State; readonly parts: number },
): Promise<StateTable> {
  const names = Object.keys(state.columns)
  const fields = [
    ...Array.from({ length: parts }, (_, at) => ({
      name: `k${at}`,
      type: 'VARCHAR' as const,
      values: state.keys.map((key) => key[at]!),
    })),
    ...names.map((name) => ({
      name,
      type: typeOf(state.columns[name]!),
      values: state.columns[name]!,
    })),
  ]
  await database.run(
    `CREATE OR REPLACE TABLE ${table} (${fields.map(({ name, type }) => `${name} ${type}`).join(', ')})`,
  )
  await database.append(table, fields)
  return { table, column: named }
}

/** A state whose keys are some of a table that the engine has, by their places there. */
export interface PlacedState {
  readonly place: number
  readonly state: State
  /** Of each key of the state, the row of the table, from 0. */
  readonly rows: readonly number[] | 'all'
  /** The columns that the table has already, by their values. */
  readonly names: ReadonlyMap<readonly Value[], string>
}

/**
 * Makes the table of states of one key: beside the keys that were aggregated the columns of each, as `s<place>_<name>`.
 * Only numbers go to the engine, and none that it has.
 */
export async function createSharedTable(
  database: Database,
  table: string,
  {
    keys,
    parts,
    placed,
  }: { readonly keys: string; readonly parts: number; readonly placed: readonly PlacedState[] },
): Promise<ReadonlyMap<number, StateTable>> {
  const joins: string[] = []
  const selected = Array.from({ length: parts }, (_, at) => `k.k${at}`)
  for (const { place, state, rows, names } of placed) {
    const known = (values: readonly Value[]): string | undefined =>
      rows === 'all' ? names.get(values) : undefined
    const columns = Object.entries(state.columns)
    for (const [name, values] of columns)
      selected.push(
        `${known(values) === undefined ? `s${place}.${name}` : `k.${known(values)!}`} AS s${place}_${name}`,
      )
    const fields = columns
      .filter(([, values]) => known(values) === undefined)
      .map(([name, values]) => ({ name, type: typeOf(values), values }))
    if (fields.length === 0) continue
    const numbers = `${table}_numbers_${place}`
    await database.run(
      `CREATE OR REPLACE TABLE ${numbers} (place INTEGER, ${fields.map(({ name, type }) => `${name} ${type}`).join(', ')})`,
    )
    const places = rows === 'all' ? Array.from(state.keys.keys()) : rows
    await database.append(numbers, [{ type: 'INTEGER', values: places }, ...fields])
    joins.push(` LEFT JOIN ${numbers} AS s${place} ON s${place}.place = k.rowid`)
  }
  await database.run(
    `CREATE OR REPLACE TABLE ${table} AS SELECT ${selected.join(', ')} FROM ${keys} AS k${joins.join('')}`,
  )
  for (const { place } of placed) await database.run(`DROP TABLE IF EXISTS ${table}_numbers_${place}`)
  return new Map(
    placed.map(({ place }) => [place, { table, column: (name: string) => `s${place}_${name}` }] as const),
  )
}

function typeOf(values: readonly Value[]): 'VARCHAR' | 'BOOLEAN' | 'DOUBLE' {
  const first = values.find((value) => value !== null)
  return typeof first === 'string' ? 'VARCHAR' : typeof first === 'boolean' ? 'BOOLEAN' : 'DOUBLE'
}
