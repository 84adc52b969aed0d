import { EnsuiteError } from '../errors.ts'
import type { Database } from './database.ts'
import type { EventTable } from './event-table.ts'
import { readHead } from './file-head.ts'
import { filePattern, literal, literals } from './sql.ts'

/**
 * JSON lines as a table of the top-level keys: one object a line, `wanted` keys looked for in all of the lines.
 *
 * Numbers become text as JSON writes them: an id of more than 2⁶⁴, or with a trailing zero, should be a string.
 * Throws `FILE_UNREADABLE` if a file does not begin with an object, `EVENTS_EMPTY` if all files are empty.
 */
export async function jsonLinesTable(
  database: Database,
  found: readonly string[],
  wanted: readonly string[],
): Promise<EventTable> {
  const heads = await Promise.all(
    found.map(async (file) => ({ file, text: (await readHead(file)).text.trimStart() })),
  )
  const filled = heads.filter(({ text }) => text !== '')
  if (filled.length === 0) {
    throw new EnsuiteError('EVENTS_EMPTY', `${found.join(', ')} holds no events: the file is empty.`)
  }
  for (const { file, text } of filled) {
    if (text.startsWith('{')) continue
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${file} begins with '${text.slice(0, 20)}'; one JSON object a line is expected.`,
    )
  }
  const files = filled.map(({ file }) => file)
  const from = (some: readonly string[]): string =>
    `read_ndjson_objects(${literals(some.map(filePattern))}, hive_partitioning = false)`
  const keys = async (limit: string): Promise<readonly string[]> =>
    (
      await database.rows(
        `SELECT key FROM (SELECT unnest(json_keys(json)) AS key FROM (SELECT json FROM ${from(files)} ${limit})) ` +
          `GROUP BY key ORDER BY key`,
      )
    ).map((row) => row['key']!)
  // A rare key may first be used late: all lines are read before one is called missing.
  const first = await keys('LIMIT 1000')
  const names = wanted.every((name) => first.includes(name)) ? first : await keys('')
  const columns = names.map((name) => ({
    name,
    expression: `json_extract_string(json, ${literal(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)})`,
    type: 'VARCHAR',
  }))
  return { files, from, columns }
}
