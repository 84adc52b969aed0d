import type { Database } from '../events/database.ts'
import { compareCodePoints, type Value } from '../expressions/index.ts'

/** How many rows cross the border from the engine at once, as JSON: texts cross it some five times faster than one by one. */
const BLOCK = 20_000

/** The rows of a query as objects, in its order. */
export async function jsonRows(
  database: Database,
  sql: string,
): Promise<readonly Readonly<Record<string, Value>>[]> {
  const blocks = await database.rows(
    `SELECT CAST(to_json(list(q ORDER BY place)) AS VARCHAR) AS block FROM ` +
      `(SELECT q, row_number() OVER () AS place FROM (${sql}) AS q) GROUP BY place // ${BLOCK} ORDER BY min(place)`,
  )
  return blocks.flatMap(({ block }) => JSON.parse(block!) as readonly Record<string, Value>[])
}

/** Between texts that cross the border: splitting a text is five times as fast as parsing JSON. */
const SEPARATOR = 31

/** Text columns of a table that is sorted by them, a list of texts a row. */
export async function sortedTexts(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const lists = columns.map((column) => `string_agg(${column}, chr(${SEPARATOR})) AS ${column}`)
  const blocks = await database.rows(
    `SELECT count(*) AS rows, ${lists.join(', ')} FROM ${table} GROUP BY rowid // ${BLOCK} ORDER BY min(rowid)`,
  )
  const rows: string[][] = []
  for (const block of blocks) {
    const texts = columns.map((column) => block[column]!.split(String.fromCharCode(SEPARATOR)))
    // A text that holds the separator itself.
    if (texts.some(({ length }) => length !== Number(block['rows'])))
      return inOrder(await listedTexts(database, table, columns))
    addRows(rows, texts)
  }
  return inOrder(rows)
}

/** What `sortedTexts` reads, whatever is in the texts. */
async function listedTexts(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<string[][]> {
  const lists = columns.map((column) => `CAST(to_json(list(${column})) AS VARCHAR) AS ${column}`)
  const blocks = await database.rows(
    `SELECT ${lists.join(', ')} FROM ${table} GROUP BY rowid // ${BLOCK} ORDER BY min(rowid)`,
  )
  const rows: string[][] = []
  for (const block of blocks)
    addRows(
      rows,
      columns.map((column) => JSON.parse(block[column]!) as readonly string[]),
    )
  return rows
}

/** Vocabularies have millions of rows: no iterator and no closure for each. */
function addRows(rows: string[][], [first, ...others]: readonly (readonly string[])[]): void {
  for (let at = 0; at < first!.length; at++) {
    const row = [first![at]!]
    for (let other = 0; other < others.length; other++) row.push(others[other]![at]!)
    rows.push(row)
  }
}

/** An aggregate takes the rows of a block as threads bring them, in order but for blocks that two of them share. */
const inOrder = (rows: string[][]): readonly (readonly string[])[] =>
  areSorted(rows) ? rows : rows.sort(compareTexts)

function areSorted(rows: readonly (readonly string[])[]): boolean {
  for (let at = 1; at < rows.length; at++) if (compareTexts(rows[at - 1]!, rows[at]!) > 0) return false
  return true
}

/** The order of the engine. */
function compareTexts(left: readonly string[], right: readonly string[]): number {
  for (let at = 0; at < left.length; at++) {
    if (left[at] === right[at]) continue
    const order = compareCodePoints(left[at]!, right[at]!)
    if (order !== 0) return order
  }
  return 0
}
