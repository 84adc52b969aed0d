import { BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR, type DuckDBConnection } from '@duckdb/node-api'

const types = { BOOLEAN, DOUBLE, INTEGER, VARCHAR }

/** A column of rows that are appended to a table. Whole numbers of INTEGER have 32 bits. */
export interface AppendedColumn {
  readonly type: keyof typeof types
  readonly values: readonly (number | string | boolean | null)[]
}

/** How many rows the engine takes at once. */
const ROWS = 2048

/** Appends rows to a table: columns of one length, in its order. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly AppendedColumn[],
): Promise<void> {
  const appender = await connection.createAppender(table)
  try {
    const rows = columns[0]!.values.length
    for (let start = 0; start < rows; start += ROWS) {
      const chunk = DuckDBDataChunk.create(
        columns.map(({ type }) => types[type]),
        Math.min(ROWS, rows - start),
      )
      for (const [at, { values }] of columns.entries())
        chunk.setColumnValues(at, values.slice(start, start + ROWS))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}
