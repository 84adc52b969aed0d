import { EnsuiteError } from '../errors.ts'
import { isShortOfRoom } from './engine-error.ts'
import type { Database } from './database.ts'
import type { EventTable } from './event-table.ts'
import { verifyGzip } from './verify-gzip.ts'

export const packedOf = (files: readonly string[]): readonly string[] =>
  files.filter((file) => file.toLowerCase().endsWith('.gz'))

/** Reads packed files to their end: one that is cut off is refused. */
export async function verifyAll(files: readonly string[]): Promise<void> {
  for (const file of files) await verifyGzip(file)
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
  table: Pick<EventTable, 'files'> & Partial<Pick<EventTable, 'format'>>,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (isShortOfRoom(cause)) throw cause
    // A file that is cut off is the cause of whatever is said of its content.
    const code = cause instanceof EnsuiteError ? cause.code : 'FILE_UNREADABLE'
    if (code === 'FILE_UNREADABLE' || code === 'EVENTS_EMPTY') await verifyAll(packedOf(table.files))
    if (cause instanceof EnsuiteError) throw cause
    // What follows is advice for users of DuckDB's own options.
    const reason = message
      .split(/\n\s*(?:Possible|LINE \d|file =)/)[0]!
      .trim()
      .replaceAll(/\s*\n\s*/g, '; ')
      .replace(/\.+$/, '')
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${table.files.join(', ')} cannot be read: ${shortened(reason)}. ${adviceFor(table.format, reason)}`,
      { cause },
    )
  }
}

const CHECK = 'Check the format, the delimiter, and that text is UTF-8.'
const LINE_ENDS =
  'Where its lines end in more than one way (CRLF and LF, or a carriage return outside of quotes), write all of them alike.'

/** What the engine says of delimited text, and what to do about it. */
const causes: readonly { readonly sign: RegExp; readonly advice: string }[] = [
  {
    sign: /Maximum line size/,
    advice:
      'Shorten or leave out the long fields, close quotes that are open, or write the events as Parquet.',
  },
  { sign: /invalid state/, advice: `${CHECK} ${LINE_ENDS}` },
  {
    sign: /unterminated quote|quoted/i,
    advice: `${CHECK} Where quotes are characters as others: quotes: false, or --no-quotes. ${LINE_ENDS}`,
  },
  {
    sign: /GZIP/,
    advice: 'Something follows the packed data, or they are damaged: unpack the file, and pack it again.',
  },
  { sign: /^/, advice: CHECK },
]

function adviceFor(format: EventTable['format'] | undefined, reason: string): string {
  if (format === 'parquet')
    return 'Check that it is a whole Parquet file: one that is cut off must be copied or written again.'
  if (format === 'jsonl') return 'Check that every line is one JSON object, whole and in UTF-8.'
  return causes.find(({ sign }) => sign.test(reason))!.advice
}

const QUOTED = 'Original Line: '
const QUOTED_CHARACTERS = 80

/** It may quote a line of a million characters: the first ones say which it is, what follows the line says what is wrong. */
function shortened(reason: string): string {
  const start = reason.indexOf(QUOTED) + QUOTED.length
  const end = reason.lastIndexOf('; ')
  const cut =
    start >= QUOTED.length && end - start > QUOTED_CHARACTERS
      ? `${reason.slice(0, start + QUOTED_CHARACTERS)} …${reason.slice(end)}`
      : reason
  return cut.length <= 600 ? cut : `${cut.slice(0, 300)} … ${cut.slice(-200)}`
}
