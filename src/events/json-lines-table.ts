import { EnsuiteError } from '../errors.ts'
import type { Database } from './database.ts'
import type { EventTable, TableColumn } from './event-table.ts'
import { readHead } from './file-head.ts'
import { printedNumber, unprintable } from './printed-number.ts'
import { filePattern, literal, literals } from './sql.ts'

/**
 * JSON lines as a table of the top-level keys: one object a line, `wanted` keys looked for in all of the lines.
 *
 * As `JSON.parse` reads them, the last value of a key counts, and numbers become the text that JavaScript prints; but whole numbers keep all their digits.
 * Throws `FILE_UNREADABLE` if a file does not begin with an object, and reading the table throws where another line is none; `EVENTS_EMPTY` if all files are empty.
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
  const lines = (some: readonly string[]): string =>
    `read_ndjson_objects(${literals(some.map(filePattern))}, hive_partitioning = false)`
  const keys = async (limit: string): Promise<readonly string[]> =>
    (
      await database.rows(
        `SELECT key FROM (SELECT unnest(json_keys(json)) AS key FROM (SELECT json FROM ${lines(files)} ${limit})) ` +
          `GROUP BY key ORDER BY key`,
      )
    ).map((row) => row['key']!)
  // A rare key may first be used late: all lines are read before one is called missing.
  const first = await keys('LIMIT 1000')
  const names = wanted.every((name) => first.includes(name)) ? first : await keys('')
  const values = names.map((name, at) => `json_extract_string(json, ${pointer(name)}) AS s${at}`)
  return {
    format: 'jsonl',
    files,
    from: (some) =>
      `(SELECT ${['json', ...values].join(', ')} FROM (SELECT ${lastOfEach(wanted)} AS json FROM (SELECT json, json_keys(json) AS keys FROM (SELECT ${OBJECT} AS json FROM ${lines(some)}))))`,
    columns: names.map((name, at) => ({
      name,
      expression: `s${at}`,
      type: 'VARCHAR',
      ...printing(name, at),
    })),
  }
}

/** A line, unless it is a value of another kind: the engine would take it for an object without keys. */
const OBJECT = `CASE WHEN starts_with(json, '{') OR json_type(json) = 'OBJECT' THEN json ELSE error('a line is no object: ' || left(CAST(json AS VARCHAR), 100)) END`

/** A key as a JSON pointer. */
const pointer = (name: string): string => literal(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)

/** How the engine writes numbers with a fraction or an exponent; a string may look so, too. */
const FRACTION = '-?[0-9]+([.][0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)'

/** The SQL of a value `s…` as text, and of whether it is none. What a string or a number may look like is asked first: types cost reading the line again. */
function printing(name: string, at: number): Required<Pick<TableColumn, 'printed' | 'refused'>> {
  const value = `s${at}`
  const type = `json_type(json, ${pointer(name)})`
  const fraction = `regexp_full_match(${value}, ${literal(FRACTION)})`
  return {
    printed: `CASE WHEN ${fraction} THEN CASE WHEN ${type} = 'DOUBLE' THEN ${printedNumber(value)} ELSE ${value} END ELSE ${value} END`,
    refused:
      `CASE WHEN starts_with(${value}, '[') OR starts_with(${value}, '{') THEN ${type} IN ('ARRAY', 'OBJECT') ` +
      `WHEN ${fraction} THEN CASE WHEN ${unprintable(`CAST(${value} AS DOUBLE)`)} THEN ${type} = 'DOUBLE' ELSE false END ` +
      `ELSE false END`,
  }
}

/** The SQL of a line in which the last value of a key comes first, where one of the wanted keys, or any, is in it twice: the engine takes the first. */
function lastOfEach(wanted: readonly string[]): string {
  const twice = wanted
    .map(literal)
    .map((key) => `list_contains(keys[list_position(keys, ${key}) + 1:], ${key})`)
  const any = twice.length === 0 ? 'len(keys) <> len(list_distinct(keys))' : twice.join(' OR ')
  const pairs = `list_transform(keys, lambda key, place: CAST(to_json(key) AS VARCHAR) || ':' || CAST(json_extract(json, '$.*')[place] AS VARCHAR))`
  return `CASE WHEN ${any} THEN CAST('{' || array_to_string(list_reverse(${pairs}), ',') || '}' AS JSON) ELSE json END`
}
