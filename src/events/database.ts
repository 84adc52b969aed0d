import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { filePattern, literals } from './sql.ts'

/** What the readers need of a SQL engine. */
export interface Database {
  readonly run: (sql: string) => Promise<void>
  /** Rows by column name, all values as text. */
  readonly rows: (sql: string) => Promise<readonly Readonly<Record<string, string>>[]>
  /** Streams a query of number columns: `visit` gets the first `rows` places of each, valid during the call only. */
  readonly numbers: (
    sql: string,
    visit: (columns: readonly Float64Array[], rows: number) => void,
  ) => Promise<void>
}

/**
 * Runs `body` on a private database in memory that can read `files` and nothing else, and closes it.
 *
 * No extension is loaded, no network reached; what does not fit into memory goes to a temporary folder of its own.
 */
export async function withDatabase<Result>(
  files: readonly string[],
  body: (database: Database) => Promise<Result>,
): Promise<Result> {
  const temporary = join(tmpdir(), `ensuite-${randomUUID()}`)
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: temporary,
    preserve_insertion_order: 'true',
  })
  const connection = await instance.connect()
  try {
    // The path itself is checked when the file is opened, the pattern when it is expanded.
    const allowed = [...new Set(files.flatMap((file) => [file, filePattern(file)]))]
    await connection.run(`SET allowed_paths = ${literals(allowed)}`)
    await connection.run('SET enable_external_access = false')
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run('SET lock_configuration = true')
    return await body(databaseOver(connection))
  } finally {
    connection.closeSync()
    instance.closeSync()
    await rm(temporary, { recursive: true, force: true })
  }
}

function databaseOver(connection: DuckDBConnection): Database {
  return {
    run: async (sql) => {
      await connection.run(sql)
    },
    rows: async (sql) =>
      (await connection.runAndReadAll(sql))
        .getRowObjectsJson()
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name,
              typeof value === 'string' ? value : JSON.stringify(value),
            ]),
          ),
        ),
    numbers: async (sql, visit) => {
      const result = await connection.stream(sql)
      let columns = Array.from({ length: result.columnCount }, () => new Float64Array(2048))
      for (;;) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) return
        const { rowCount } = chunk
        if (rowCount > columns[0]!.length) columns = columns.map(() => new Float64Array(rowCount))
        for (const [index, column] of columns.entries()) {
          chunk.visitColumnValues(index, (value, row) => {
            column[row] = value as number
          })
        }
        visit(columns, rowCount)
      }
    },
  }
}
