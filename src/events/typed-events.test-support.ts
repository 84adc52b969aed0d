import { DuckDBInstance } from '@duckdb/node-api'
import { EnsuiteError } from '../errors.ts'
import { numberPattern, timePattern } from '../expressions/index.ts'
import { temporaryFolder } from './test-files.test-support.ts'
import { withTypedEvents, type TypedColumn } from './typed-events.ts'

export const spelling = { number: numberPattern, time: timePattern }
export const session: TypedColumn = { name: 'session', type: 'text', required: true }
export const time: TypedColumn = { name: 'time', type: 'time', required: true }
export const price: TypedColumn = { name: 'price', type: 'number' }
export const item: TypedColumn = { name: 'item', type: 'text' }
export const flag: TypedColumn = { name: 'flag', type: 'boolean' }

export type Read = readonly (readonly unknown[])[]

/** The events of files, a list of values each. */
export const read = (path: string | readonly string[], ...columns: readonly TypedColumn[]): Promise<Read> =>
  withTypedEvents({ path }, columns, { spelling }, async (database) =>
    (await database.rows('SELECT CAST(to_json(e) AS VARCHAR) AS row FROM events AS e ORDER BY rowid')).map(
      ({ row }) => Object.values(JSON.parse(row!) as Record<string, unknown>),
    ),
  )

export async function refusal(body: () => Promise<unknown>): Promise<EnsuiteError> {
  try {
    await body()
  } catch (error) {
    if (error instanceof EnsuiteError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}

export const lines = (...rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('')
export const json = (...rows: readonly object[]): string => lines(...rows.map((row) => JSON.stringify(row)))

/** A folder for the tests of one file, that makes Parquet files of queries, too. */
export function eventFolder(): ReturnType<typeof temporaryFolder> & {
  readonly parquet: (name: string, query: string) => Promise<string>
} {
  const folder = temporaryFolder()
  return {
    ...folder,
    parquet: async (name, query) => {
      const path = folder.path(name)
      const connection = await (await DuckDBInstance.create(':memory:')).connect()
      try {
        await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`)
      } finally {
        connection.closeSync()
      }
      return path
    },
  }
}
