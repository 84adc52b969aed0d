import { EnsuiteError } from '../errors.ts'
import type { Database } from './database.ts'
import { columnOf, type EventTable, type TableColumn } from './event-table.ts'
import type { EventColumns } from './event-source.ts'
import { verifyGzip } from './verify-gzip.ts'

/** The SQL name of loaded text column `index`: 0 the session, 1 the item, then the categorical columns. */
export function textColumn(index: number): string {
  return `text${index}`
}

/**
 * Loads the named columns into the table `events`; its `rowid` is the place in the files, from 0.
 *
 * Text columns are null where they are empty; `time` keeps its type. Returns the column of the times.
 * Throws `COLUMN_MISSING`, `FILE_UNREADABLE`, `EVENTS_EMPTY`, and `COLUMN_INVALID` for a missing session or item.
 */
export async function loadEvents(
  database: Database,
  table: EventTable,
  columns: EventColumns,
): Promise<TableColumn | undefined> {
  const texts = [
    columnOf(table, 'session', columns.session),
    columnOf(table, 'item', columns.item),
    ...(columns.categorical ?? []).map((name) => columnOf(table, 'categorical', name)),
  ]
  const time = columns.time === undefined ? undefined : columnOf(table, 'time', columns.time)
  const selected = [
    ...texts.map(
      (column, index) => `nullif(CAST(${column.expression} AS VARCHAR), '') AS ${textColumn(index)}`,
    ),
    ...(time === undefined ? [] : [`${time.expression} AS time`]),
  ]
  await readable(table, async () => {
    const packed = table.files.filter((file) => file.toLowerCase().endsWith('.gz'))
    const load = database.run(
      `CREATE TEMP TABLE events AS SELECT ${selected.join(', ')} FROM ${table.from(table.files)}`,
    )
    // A file that is cut off is the cause of whatever DuckDB says about its last line: it is reported first.
    const [loaded, verified] = await Promise.allSettled([load, verifyAll(packed)])
    for (const outcome of [verified, loaded]) if (outcome.status === 'rejected') throw outcome.reason
  })
  const [counted] = await database.rows('SELECT count(*) AS events FROM events')
  if (Number(counted!['events']) === 0) {
    throw new EnsuiteError('EVENTS_EMPTY', `${table.files.join(', ')} holds no events: there is no row.`)
  }
  await checkPresent(database, table, 0, `session column '${columns.session}'`)
  await checkPresent(database, table, 1, `item column '${columns.item}'`)
  return time
}

/** Reads packed files to their end: one that is cut off is refused. */
export async function verifyAll(files: readonly string[]): Promise<void> {
  for (const file of files) await verifyGzip(file)
}

async function checkPresent(
  database: Database,
  table: EventTable,
  index: number,
  name: string,
): Promise<void> {
  await refuseRows(database, table, `${textColumn(index)} IS NULL`, {
    value: textColumn(index),
    says: () => `The ${name} expects an id in every row, received an empty one`,
    advice: 'Fill or remove these rows.',
  })
}

/** Throws `COLUMN_INVALID` if `condition` holds for a row of `events`, naming the first row and how many more there are. */
export async function refuseRows(
  database: Database,
  table: EventTable,
  condition: string,
  message: { readonly value: string; readonly says: (value: string) => string; readonly advice: string },
): Promise<void> {
  const [found] = await database.rows(
    `SELECT count(*) AS bad, min(rowid) AS first, arg_min(coalesce(CAST(${message.value} AS VARCHAR), ''), rowid) AS value ` +
      `FROM events WHERE ${condition}`,
  )
  const bad = Number(found!['bad'])
  if (bad === 0) return
  const place = await placeOf(database, table, Number(found!['first']))
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `${message.says(found!['value']!)} (${place}${bad === 1 ? '' : `, and ${bad - 1} more`}). ${message.advice}`,
  )
}

/** Where row `row` (from 0, over all files) is, in the user's terms: rows are counted from 1, headers are not rows. */
export async function placeOf(database: Database, table: EventTable, row: number): Promise<string> {
  let before = 0
  for (const file of table.files.slice(0, -1)) {
    const [counted] = await database.rows(`SELECT count(*) AS events FROM ${table.from([file])}`)
    const events = Number(counted!['events'])
    if (row < before + events) return `row ${row - before + 1} of ${file}`
    before += events
  }
  return `row ${row - before + 1} of ${table.files.at(-1)!}`
}

/** Runs `read`, and says of what DuckDB throws that the files are not what they should be. */
export async function readable<Result>(
  table: Pick<EventTable, 'files'>,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (cause instanceof EnsuiteError || message.startsWith('Out of Memory')) throw cause
    // What follows is advice for users of DuckDB's own options.
    const reason = message
      .split(/\n\s*(?:Possible|LINE \d|file =)/)[0]!
      .trim()
      .replaceAll(/\s*\n\s*/g, '; ')
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${table.files.join(', ')} cannot be read: ${reason}. Check the format, the delimiter, and that text is UTF-8.`,
      { cause },
    )
  }
}
