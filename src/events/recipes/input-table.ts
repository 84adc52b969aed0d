import { readFile, stat, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { EnsuiteError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { delimitedTable } from '../delimited-table.ts'
import type { EventTable } from '../event-table.ts'
import { readHead } from '../file-head.ts'
import { jsonLinesTable } from '../json-lines-table.ts'
import { filePattern, literal, literals } from '../sql.ts'
import type { Reading } from './recipe.ts'

/** What is converted from another encoding is converted in memory. */
const MOST_CONVERTED_BYTES = 64 * 2 ** 20

/**
 * Files as a table of texts, its rows in the order of the files. `wanted`: the columns that will be asked for.
 * `folder`: a place for converted copies, which the database may read.
 *
 * Throws `FILE_UNREADABLE`, `EVENTS_EMPTY`.
 */
export async function inputTable(
  database: Database,
  files: readonly string[],
  reading: Reading,
  { wanted, folder }: { readonly wanted: readonly string[]; readonly folder: string },
): Promise<EventTable> {
  if (reading.kind === 'delimited') {
    const { columns, delimiter, encoding, strayQuotes = false } = reading
    const readable =
      encoding === undefined && !strayQuotes
        ? files
        : await Promise.all(files.map((file) => convertedCopy(file, reading, folder)))
    return delimitedTable(
      { format: formatOf(readable[0]!), files: readable },
      { path: files, ...(columns && { columns }), ...(delimiter !== undefined && { delimiter }) },
    )
  }
  if (reading.kind === 'json-lines') return jsonLinesTable(database, files, wanted)
  for (const file of files) {
    const { text } = await readHead(file)
    if (text.trim() === '')
      throw new EnsuiteError('EVENTS_EMPTY', `${file} holds no events: the file is empty.`)
    if (reading.kind === 'python-lines' && !text.trimStart().startsWith('{'))
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${file} begins with '${text.slice(0, 20)}'; one dictionary a line is expected. Fetch the original file again.`,
      )
  }
  if (reading.kind === 'python-lines') {
    return {
      format: 'text',
      files,
      from: linesOf,
      columns: wanted.map((name) => ({ name, expression: pythonValue(name), type: 'VARCHAR' })),
    }
  }
  return {
    format: 'text',
    files,
    from: linesOfSessions[reading.kind],
    columns: ['session', 'item'].map((name) => ({ name, expression: name, type: 'VARCHAR' })),
  }
}

function formatOf(file: string): 'csv' | 'tsv' | 'text' {
  const name = basename(file).toLowerCase().replace(/\.gz$/, '')
  return name.endsWith('.csv') ? 'csv' : name.endsWith('.tsv') ? 'tsv' : 'text'
}

/** A copy of a small file in UTF-8 and with quotes as RFC 4180 wants them. */
async function convertedCopy(
  file: string,
  { encoding, strayQuotes, delimiter }: Extract<Reading, { kind: 'delimited' }>,
  folder: string,
): Promise<string> {
  const { size } = await stat(file)
  if (size > MOST_CONVERTED_BYTES)
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${file} has ${size} bytes; at most ${MOST_CONVERTED_BYTES} are expected. Fetch the original file again.`,
    )
  const bytes = await readFile(file)
  const plain = file.toLowerCase().endsWith('.gz')
    ? gunzipSync(bytes, { maxOutputLength: 4 * MOST_CONVERTED_BYTES })
    : bytes
  const text = plain.toString(encoding === 'latin-1' ? 'latin1' : 'utf8')
  const copy = join(folder, `${randomUUID()}-${basename(file).replace(/\.gz$/i, '')}`)
  await writeFile(copy, strayQuotes === true ? withWholeQuotes(text, delimiter!) : text)
  return copy
}

/** Whether a field is between quotes as RFC 4180 has it: those inside are doubled. */
const isQuoted = (field: string): boolean =>
  field.length >= 2 &&
  field.startsWith('"') &&
  field.endsWith('"') &&
  !field.slice(1, -1).replaceAll('""', '').includes('"')

/** Each field that holds quotes put between quotes; quotes that were around a whole field stay what they are. */
export function withWholeQuotes(text: string, delimiter: string): string {
  const quoted = (field: string): string => {
    if (!field.includes('"')) return field
    const value = isQuoted(field) ? field.slice(1, -1).replaceAll('""', '"') : field
    return `"${value.replaceAll('"', '""')}"`
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.split(delimiter).map(quoted).join(delimiter))
    .join('\n')
}

/** The lines of text files, as the column `line`: the separator is a byte that no text holds. */
const linesOf = (files: readonly string[]): string =>
  `read_csv(${literals(files.map(filePattern))}, auto_detect = false, columns = {line: 'VARCHAR'}, header = false, ` +
  `delim = ${literal('\x01')}, quote = '', escape = '', hive_partitioning = false)`

const sessionLines = (files: readonly string[]): string =>
  `(SELECT CAST(number AS VARCHAR) AS session, unnest(string_split(line, ' ')) AS item ` +
  `FROM (SELECT line, row_number() OVER () AS number FROM ${linesOf(files)}))`

/** A line begins a session where the prefix before it had one item: prefixes come from the longest to the shortest. */
const prefixLines = (files: readonly string[]): string =>
  `(SELECT CAST(number AS VARCHAR) AS session, unnest(items) AS item FROM (` +
  `SELECT items, row_number() OVER () AS number FROM (` +
  `SELECT string_split(replace(line, chr(9), ' '), ' ') AS items, lag(line) OVER () AS before FROM ${linesOf(files)}` +
  `) WHERE before IS NULL OR NOT contains(string_split(before, chr(9))[1], ' ')))`

const linesOfSessions = { 'session-lines': sessionLines, 'prefix-lines': prefixLines } as const

const VALUE = `(?:u?'(?:[^'\\\\]|\\\\.)*'|u?"(?:[^"\\\\]|\\\\.)*"|[^'",{}\\[\\]]+)`

/** The text of one key of a Python dictionary. Whole values are stepped over, so that no text inside one can pass for a key. */
function pythonValue(name: string): string {
  const key = (word: string): string => `u?['"]${word}['"]: `
  const pattern = `^\\s*\\{(?:${key('\\w+')}${VALUE}, )*?${key(name.replaceAll(/\W/g, '\\$&'))}(${VALUE})`
  return `regexp_replace(regexp_extract(line, ${literal(pattern)}, 1), '^u?[''"]|[''"]$', '', 'g')`
}
