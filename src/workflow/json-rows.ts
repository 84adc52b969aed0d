import type { Database } from '../events/database.ts'
import type { Value } from '../expressions/index.ts'

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

/** Text columns of a table, in the order of its rows, a list of texts a row. */
export async function textRows(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = []
  const lists = columns.map(
    (column) => `CAST(to_json(list_transform(l, lambda e: e.${column})) AS VARCHAR) AS ${column}`,
  )
  const fields = ["'row': rowid", ...columns.map((column) => `'${column}': ${column}`)]
  const blocks = await database.rows(
    `SELECT ${lists.join(', ')} FROM (SELECT rowid // ${BLOCK} AS block, list_sort(list({${fields.join(', ')}})) AS l FROM ${table} GROUP BY block) ORDER BY block`,
  )
  for (const block of blocks) {
    const texts = columns.map((column) => JSON.parse(block[column]!) as readonly string[])
    for (let row = 0; row < texts[0]!.length; row++) rows.push(texts.map((own) => own[row]!))
  }
  return rows
}
