import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { settled } from '../settled.ts'
import { registerFunctions, type DatabaseFunction } from './database-functions.ts'
import { appendColumns, type AppendedColumn } from './append-columns.ts'
import { streamLists, type ListChunk } from './list-columns.ts'
import { engineError } from './engine-error.ts'
import { readNumbers } from './number-columns.ts'
import { filePattern, literals } from './sql.ts'
import { keepWholeTexts } from './whole-texts.ts'

keepWholeTexts()

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
  /** All rows of a query of DOUBLE columns: [rows] of each, NaN where a value is missing. */
  readonly columns: (sql: string) => Promise<readonly Float64Array[]>
  /** Appends rows to a table: columns of one length, in its order. */
  readonly append: (table: string, columns: readonly AppendedColumn[]) => Promise<void>
  /** Runs statements that do not depend on each other, as many at a time as there are threads; `onDone` is told how many are done. */
  readonly each: (statements: readonly string[], onDone?: (done: number) => void) => Promise<void>
  /** Streams a query of list columns. */
  readonly lists: (sql: string, visit: (chunk: ListChunk) => void | Promise<void>) => Promise<void>
}

export interface DatabaseOptions {
  /** A folder that may be read and written; its files are the caller's. Default: none. */
  readonly folder?: string
  /** Bytes that the engine may use for itself; what does not fit goes to a temporary folder. Default: four fifths of the memory. */
  readonly memoryLimit?: number
  /** About how many bytes of plain text will be loaded: tables that fit into the memory limit are not written to disk. Default: more than that. */
  readonly expectedBytes?: number
  /** JavaScript functions that SQL can call. What they throw, the query throws. Default: none. */
  readonly functions?: readonly DatabaseFunction[]
  /** Default: as many as there are cores. What is computed does not depend on it. */
  readonly threads?: number
}

/** Of what the engine may use, the share that it counts: files that are written, and what lies between its pieces, it does not. */
const COUNTED = 0.9

/**
 * Runs `body` on a private database that can read `files`, write `folder` where one is given, and reach nothing else; closes and removes it.
 *
 * No extension is loaded, no network reached. With a memory limit, tables that may be larger lie on disk in a temporary folder of their own.
 */
export async function withDatabase<Result>(
  files: readonly string[],
  body: (database: Database) => Promise<Result>,
  {
    folder,
    memoryLimit,
    expectedBytes = Infinity,
    functions = [],
    threads = availableParallelism(),
  }: DatabaseOptions = {},
): Promise<Result> {
  const temporary = join(folder ?? tmpdir(), `ensuite-${randomUUID()}`)
  await mkdir(temporary, { recursive: true })
  // Tables on disk are packed, which costs twice the time of reading; tables in memory go to disk unpacked when it is full.
  // DuckDB looks for the log of a database before a `?` in its path: there, tables stay in memory and are spilled all the same.
  const inMemory = memoryLimit === undefined || expectedBytes <= memoryLimit || temporary.includes('?')
  let instance: DuckDBInstance | undefined
  let connection: DuckDBConnection | undefined
  try {
    instance = await DuckDBInstance.create(inMemory ? ':memory:' : join(temporary, 'tables.duckdb'), {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      temp_directory: join(temporary, 'spilled'),
      preserve_insertion_order: 'true',
      threads: String(threads),
      ...(memoryLimit !== undefined && {
        memory_limit: `${Math.floor((memoryLimit * COUNTED) / 1e6)}MB`,
        // What was freed goes back to the system at once, not when it is asked for again.
        allocator_background_threads: 'true',
      }),
    })
    connection = await instance.connect()
    // The path itself is checked when the file is opened, the pattern when it is expanded.
    const allowed = [...new Set(files.flatMap((file) => [file, filePattern(file)]))]
    await connection.run(`SET allowed_paths = ${literals(allowed)}`)
    if (folder !== undefined)
      await connection.run(
        `SET allowed_directories = ${literals([...new Set([folder, filePattern(folder)])])}`,
      )
    await connection.run('SET enable_external_access = false')
    await connection.run("SET TimeZone = 'UTC'")
    // How far the engine's threads may be ahead of a reader. With the engine's own megabyte they mostly wait: half as many sessions a second are read.
    // Beside a memory limit it would be too much.
    if (memoryLimit === undefined) await connection.run("SET streaming_buffer_size = '128MB'")
    await connection.run('SET lock_configuration = true')
    const queries = databaseOver(connection, instance, threads)
    return await body(registerFunctions(connection, functions).telling(queries))
  } catch (cause) {
    throw engineError(cause, memoryLimit)
  } finally {
    connection?.closeSync()
    instance?.closeSync()
    await rm(temporary, { recursive: true, force: true })
  }
}

function databaseOver(connection: DuckDBConnection, instance: DuckDBInstance, threads: number): Database {
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
    columns: (sql) => readNumbers(connection, sql),
    append: (table, columns) => appendColumns(connection, table, columns),
    each: (statements, onDone) => runEach(instance, threads, statements, onDone),
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

/** A connection runs a statement at a time: what is too small for several threads is run on as many connections. */
async function runEach(
  instance: DuckDBInstance,
  threads: number,
  statements: readonly string[],
  onDone?: (done: number) => void,
): Promise<void> {
  let next = 0
  let done = 0
  const work = async (): Promise<void> => {
    const connection = await instance.connect()
    try {
      while (next < statements.length) {
        await connection.run(statements[next++]!)
        onDone?.(++done)
      }
    } finally {
      connection.closeSync()
    }
  }
  const workers = Array.from({ length: Math.min(threads, statements.length) }, work)
  // All are waited for, also when one fails: the database is closed afterwards.
  await settled(workers)
}
