import { EnsuiteError } from '../errors.ts'
import { checkSource, checkTextOptions } from './check-source.ts'
import { type Database, type DatabaseOptions, withDatabase } from './database.ts'
import type { EventSource } from './event-source.ts'
import { columnOf, type EventTable, type TableColumn } from './event-table.ts'
import { findFiles } from './find-files.ts'
import { readable, refuseRows, verifyAll } from './load-events.ts'
import { openTable } from './open-table.ts'
import { literal } from './sql.ts'

/** What a column is read as. `time`: milliseconds since 1970-01-01 UTC, from ISO dates and timestamps or from numbers that are so already. */
export type ColumnType = 'text' | 'number' | 'boolean' | 'time'

export interface TypedColumn {
  readonly name: string
  readonly type: ColumnType
  /** Whether every event must have a value. */
  readonly required?: boolean
}

/** How texts spell numbers and times: patterns, so that a file is read as events are read online. */
export interface Spelling {
  readonly number: string
  readonly time: string
}

export interface TypedEventsOptions extends DatabaseOptions {
  readonly spelling: Spelling
}

/**
 * Loads columns of a source into the table `events`, as `c0`, `c1` … in the order given, and runs `body` on it; `rowid` is the place in the files.
 *
 * Texts are VARCHAR, numbers and times DOUBLE, truth values BOOLEAN; empty is null. A value that is not what its column is declared to be is refused with its row.
 * Throws what reading events throws.
 */
export async function withTypedEvents<Result>(
  source: EventSource,
  columns: readonly TypedColumn[],
  { spelling, ...options }: TypedEventsOptions,
  body: (database: Database) => Promise<Result>,
): Promise<Result> {
  checkSource(source)
  const found = await findFiles(source)
  checkTextOptions(source, found.format)
  return withDatabase(
    found.files,
    async (database) => {
      const names = columns.map((column) => column.name)
      const table = await readable(found, () => openTable(database, found, source, names))
      const read = columns.map(({ name, type }) => ({ type, column: columnOf(table, type, name) }))
      const selected = read.flatMap(({ type, column }, index) => {
        const raw = rawText(column)
        const own = `${parsed(type, column, raw, spelling)} AS c${index}`
        return type === 'text' ? [own] : [own, `${raw} AS r${index}`]
      })
      await readable(table, async () => {
        const packed = table.files.filter((file) => file.toLowerCase().endsWith('.gz'))
        const load = database.run(
          `CREATE TABLE events AS SELECT ${selected.join(', ')} FROM ${table.from(table.files)}`,
        )
        const [loaded, verified] = await Promise.allSettled([load, verifyAll(packed)])
        for (const outcome of [verified, loaded]) if (outcome.status === 'rejected') throw outcome.reason
      })
      const [counted] = await database.rows('SELECT count(*) AS events FROM events')
      if (Number(counted!['events']) === 0)
        throw new EnsuiteError('EVENTS_EMPTY', `${table.files.join(', ')} holds no events: there is no row.`)
      for (const [index, { type, column }] of read.entries()) {
        if (type !== 'text') {
          await refuseInvalid(database, table, { index, type, column, spelling })
          await database.run(`ALTER TABLE events DROP COLUMN r${index}`)
        }
        if (columns[index]!.required === true) await refuseMissing(database, table, index, column.name)
      }
      return body(database)
    },
    options,
  )
}

/** The text of a value, null where it is empty. Whole numbers in columns of floats are spelled without a fraction, as online. */
function rawText({ expression, type }: TableColumn): string {
  const text = `nullif(CAST(${expression} AS VARCHAR), '')`
  if (!/^(FLOAT|DOUBLE)/.test(type)) return text
  const whole = `${expression} = trunc(${expression}) AND abs(${expression}) <= ${Number.MAX_SAFE_INTEGER}`
  return `CASE WHEN ${whole} THEN CAST(CAST(${expression} AS BIGINT) AS VARCHAR) ELSE ${text} END`
}

function parsed(type: ColumnType, column: TableColumn, text: string, spelling: Spelling): string {
  if (type === 'text') return text
  if (type === 'boolean')
    return `CASE WHEN lower(${text}) IN ('true', '1') THEN true WHEN lower(${text}) IN ('false', '0') THEN false END`
  const number = `TRY_CAST(${column.expression} AS DOUBLE)`
  const good = type === 'time' ? `abs(${number}) <= ${LAST_TIME}` : `isfinite(${number})`
  const numeric = /INT(EGER)?$|^(FLOAT|DOUBLE|DECIMAL)/.test(column.type)
  if (numeric) return `CASE WHEN ${good} THEN ${number} + 0 END`
  if (/^(TIMESTAMP|DATE)/.test(column.type)) return type === 'time' ? instant(column.expression) : 'NULL'
  const spelled = `CASE WHEN regexp_matches(${text}, ${literal(spelling.number)}) AND ${good} THEN ${number} + 0`
  if (type === 'number') return `${spelled} END`
  return `${spelled} WHEN regexp_matches(${text}, ${literal(spelling.time)}) THEN ${instant(text, zoned(text))} END`
}

/** The last instant of JavaScript's dates: larger numbers are no milliseconds, but nanoseconds perhaps. */
const LAST_TIME = 8.64e15

/** Milliseconds since 1970 UTC, the first of the values that is a time: whole ones exact in every year, microseconds as a fraction. */
function instant(...values: readonly string[]): string {
  const casts = values.map((value) => `TRY_CAST(${value} AS TIMESTAMPTZ)`)
  const micros = `epoch_us(coalesce(${casts.join(', ')}))`
  return `CAST(${micros} // 1000 AS DOUBLE) + (${micros} % 1000) / 1e3`
}

/** A time whose zone the engine does not take as it is spelled: it wants seconds before a zone, and no space. */
function zoned(text: string): string {
  const rest = `substr(${text}, 17)`
  const part = (pattern: string, otherwise: string): string =>
    `coalesce(nullif(regexp_extract(${rest}, ${literal(pattern)}), ''), ${literal(otherwise)})`
  return `left(${text}, 16) || ${part('^:[0-9.]+', ':00')} || ${part('[+-].*$', 'Z')}`
}

const expected: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  number: 'finite numbers',
  boolean: 'true, false, 1 or 0',
  time: 'ISO dates and timestamps, or milliseconds since 1970',
}

async function refuseMissing(
  database: Database,
  table: EventTable,
  index: number,
  name: string,
): Promise<void> {
  await refuseRows(database, table, `c${index} IS NULL`, {
    value: `c${index}`,
    says: () => `Column '${name}' expects a value in every row, received an empty one`,
    advice: 'Fill or remove these rows.',
  })
}

async function refuseInvalid(
  database: Database,
  table: EventTable,
  {
    index,
    type,
    column,
    spelling,
  }: {
    readonly index: number
    readonly type: ColumnType
    readonly column: TableColumn
    readonly spelling: Spelling
  },
): Promise<void> {
  const says = (value: string): string =>
    `Column '${column.name}' expects ${expected[type]}, received '${value.slice(0, 100)}'`
  const value = `r${index}`
  await refuseRows(database, table, `r${index} IS NOT NULL AND c${index} IS NULL`, {
    value,
    says,
    advice: 'Correct or remove these rows, or read the column as text.',
  })
  if (type !== 'time' || column.type !== 'VARCHAR') return
  const number = `regexp_matches(r${index}, ${literal(spelling.number)})`
  const [kinds] = await database.rows(
    `SELECT count(*) FILTER (WHERE ${number}) AS numbers, count(r${index}) AS all FROM events`,
  )
  const numbers = Number(kinds!['numbers'])
  if (numbers === 0 || numbers === Number(kinds!['all'])) return
  const fewer = numbers * 2 < Number(kinds!['all']) ? number : `NOT ${number}`
  await refuseRows(database, table, `r${index} IS NOT NULL AND ${fewer}`, {
    value,
    says: (text) =>
      `Column '${column.name}' holds both dates and plain numbers: '${text.slice(0, 100)}' is unlike most`,
    advice: 'Write all times of a column in one way.',
  })
}
