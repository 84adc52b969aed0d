import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { streamLists, type ListChunk } from './list-columns.ts'
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
  /** Streams a query of list columns. */
  readonly lists: (sql: string, visit: (chunk: ListChunk) => void | Promise<void>) => Promise<void>
}

export interface DatabaseOptions {
  /** A folder that may be read and written; its files are the caller's. Default: none. */
  readonly folder?: string
  /** Bytes that the engine may use for itself; what does not fit goes to a temporary folder. Default: four fifths of the memory. */
  readonly memoryLimit?: number
}

/**
 * Runs `body` on a private database that can read `files`, write `folder` where one is given, and reach nothing else; closes and removes it.
 *
 * No extension is loaded, no network reached. With a memory limit, tables lie on disk in a temporary folder of their own.
 */
export async function withDatabase<Result>(
  files: readonly string[],
  body: (database: Database) => Promise<Result>,
  { folder, memoryLimit }: DatabaseOptions = {},
): Promise<Result> {
  const temporary = join(folder ?? tmpdir(), `ensuite-${randomUUID()}`)
  await mkdir(temporary, { recursive: true })
  // DuckDB looks for the log of a database before a `?` in its path: tables that stay in memory are spilled all the same.
  const onDisk = memoryLimit !== undefined && !temporary.includes('?')
  const place = onDisk ? join(temporary, 'tables.duckdb') : ':memory:'
  const instance = await DuckDBInstance.create(place, {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: join(temporary, 'spilled'),
    preserve_insertion_order: 'true',
    ...(memoryLimit !== undefined && { memory_limit: `${Math.floor(memoryLimit / 1e6)}MB` }),
  })
  const connection = await instance.connect()
  try {
    // The path itself is checked when the file is opened, the pattern when it is expanded.
    const allowed = [...new Set(files.flatMap((file) => [file, filePattern(file)]))]
    await connection.run(`SET allowed_paths = ${literals(allowed)}`)
    if (folder !== undefined)
      await connection.run(
        `SET allowed_directories = ${literals([...new Set([folder, filePattern(folder)])])}`,
      )
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
    lists: (sql, visit) => streamLists(connection, sql, visit),
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
