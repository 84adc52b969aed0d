import { EnsuiteError } from '../errors.ts'
import type { Database } from './database.ts'
import type { EventTable, TableColumn } from './event-table.ts'
import { placeOf } from './load-events.ts'
import { DATE, isTime, NUMBER, spelledText, type ColumnType } from './typed-columns.ts'

/** A column of the table `events` as it was read: `c…`, and for what is no text `b…`, `k…` (`ReadColumn`). */
export interface LoadedColumn {
  readonly type: ColumnType
  readonly column: TableColumn
  readonly required: boolean
  readonly kept: readonly string[]
}

const expected: Readonly<Record<ColumnType, string>> = {
  text: 'one text, number or truth value a row',
  number: 'finite numbers',
  boolean: 'true, false, 1 or 0',
  time: 'ISO dates and timestamps, or milliseconds since 1970',
  seconds: 'ISO dates and timestamps, or seconds since 1970',
}

/**
 * Refuses events that are not what their columns are declared to be, in one pass over the table; only what is refused is looked up in the files again.
 *
 * Throws `EVENTS_EMPTY` and `COLUMN_INVALID`.
 */
export async function refuseEvents(
  database: Database,
  table: EventTable,
  columns: readonly LoadedColumn[],
): Promise<void> {
  const counts = columns.flatMap(({ required, kept }, at) => [
    ...(!kept.includes(`b${at}`) ? [] : [`count(*) FILTER (WHERE b${at}) AS wrong${at}`]),
    ...(required ? [`count(*) - count(c${at}) AS missing${at}`] : []),
    ...(kept.includes(`k${at}`)
      ? [`count(k${at}) AS times${at}, count(*) FILTER (WHERE k${at} = ${NUMBER}) AS numbers${at}`]
      : []),
  ])
  const [counted] = await database.rows(`SELECT ${['count(*) AS events', ...counts].join(', ')} FROM events`)
  const count = (name: string): number => Number(counted![name] ?? 0)
  if (count('events') === 0)
    throw new EnsuiteError('EVENTS_EMPTY', `${table.files.join(', ')} holds no events: there is no row.`)
  for (const [at, { column, type }] of columns.entries()) {
    if (count(`wrong${at}`) > 0)
      await refuse(database, table, `b${at}`, {
        column,
        says: (text) => `Column '${column.name}' expects ${expected[type]}, received '${text.slice(0, 100)}'`,
        advice:
          type === 'text'
            ? 'Correct or remove these rows; of lists and objects, write the values that are wanted into columns of their own, and whole numbers above 2⁵³ as texts.'
            : 'Correct or remove these rows, or read the column as text.',
      })
    const [times, numbers] = [count(`times${at}`), count(`numbers${at}`)]
    if (numbers > 0 && numbers < times)
      await refuse(database, table, `k${at} = ${numbers * 2 < times ? NUMBER : DATE}`, {
        column,
        says: (text) =>
          `Column '${column.name}' holds both dates and plain numbers: '${text.slice(0, 100)}' is unlike most`,
        advice: 'Write all times of a column in one way.',
      })
    if (count(`missing${at}`) > 0)
      await refuse(database, table, `c${at} IS NULL`, {
        column,
        says: () => `Column '${column.name}' expects a value in every row, received an empty one`,
        advice: `Fill or remove these rows, or let ${isTime(type) ? 'the first step' : 'a step'} drop them: { keep: present(column(${quoted(column.name)}, '${type}')) }.`,
      })
  }
}

async function refuse(
  database: Database,
  table: EventTable,
  condition: string,
  message: {
    readonly column: TableColumn
    readonly says: (text: string) => string
    readonly advice: string
  },
): Promise<never> {
  const [found] = await database.rows(
    `SELECT count(*) AS bad, min(rowid) AS first FROM events WHERE ${condition}`,
  )
  const [bad, first] = [Number(found!['bad']), Number(found!['first'])]
  const [row] = await database.rows(
    `SELECT coalesce(${spelledText(message.column)}, '') AS text FROM ${table.from(table.files)} LIMIT 1 OFFSET ${first}`,
  )
  const place = await placeOf(database, table, first)
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `${message.says(row!['text']!)} (${place}${bad === 1 ? '' : `, and ${bad - 1} more`}). ${message.advice}`,
  )
}

/** A name as JavaScript takes it. */
const quoted = (name: string): string => `'${name.replaceAll(/['\\]/g, '\\$&')}'`
