import { stat } from 'node:fs/promises'
import { settled } from '../settled.ts'
import { checkSource, checkTextOptions } from './check-source.ts'
import { type Database, type DatabaseOptions, withDatabase } from './database.ts'
import type { EventSource } from './event-source.ts'
import { columnOf, type EventTable } from './event-table.ts'
import { findFiles, type FoundFiles } from './find-files.ts'
import { packedOf, readable, verifyAll } from './load-events.ts'
import { openTable } from './open-table.ts'
import { refuseEvents } from './refuse-events.ts'
import { readColumn, type ColumnType, type ReadColumn, type Spelling } from './typed-columns.ts'

export type { ColumnType, Spelling } from './typed-columns.ts'

export interface TypedColumn {
  readonly name: string
  readonly type: ColumnType
  /** Whether every event must have a value. */
  readonly required?: boolean
}

export interface TypedEventsOptions extends DatabaseOptions {
  readonly spelling: Spelling
}

/**
 * Loads columns of a source into the table `events`, as `c0`, `c1` … in the order given, and runs `body` on it; `rowid` is the place in the files.
 *
 * Texts are VARCHAR, numbers and times DOUBLE, truth values BOOLEAN; empty is null. A value that is not what its column is declared to be is refused with its row.
 * Throws what reading events throws.
 */
export async function withTypedEvents<Result>(
  source: EventSource,
  columns: readonly TypedColumn[],
  { spelling, ...options }: TypedEventsOptions,
  body: (database: Database) => Promise<Result>,
): Promise<Result> {
  checkSource(source)
  const found = await findFiles(source)
  checkTextOptions(source, found.format)
  return withDatabase(
    found.files,
    async (database) => {
      const names = columns.map((column) => column.name)
      const table = await readable(found, () => openTable(database, found, source, names))
      const loaded = columns.map(({ name, type, required = false }, at) => {
        const column = columnOf(table, name)
        return { type, column, required, ...readColumn(type, column, at, spelling) }
      })
      await load(database, table, loaded)
      await refuseEvents(database, table, loaded)
      for (const name of loaded.flatMap(({ kept }) => kept.slice(1)))
        await database.run(`ALTER TABLE events DROP COLUMN ${name}`)
      return body(database)
    },
    { expectedBytes: await unpackedBytes(found), ...options },
  )
}

async function load(database: Database, table: EventTable, columns: readonly ReadColumn[]): Promise<void> {
  const depth = Math.max(...columns.map(({ levels }) => levels.length))
  let from = table.from(table.files)
  for (let level = 0; level < depth; level++) {
    const named = columns.flatMap(({ levels }) =>
      Object.entries(levels[level] ?? {}).map(([name, sql]) => `${sql} AS ${name}`),
    )
    from = `(SELECT ${[...(level === 0 ? [] : ['*']), ...named].join(', ')} FROM ${from})`
  }
  // What is computed beside the values lies behind them, so that dropping it leaves them in their order.
  const kept = [
    ...columns.map(({ kept: [value] }) => value!),
    ...columns.flatMap(({ kept }) => kept.slice(1)),
  ]
  await readable(table, async () => {
    const loading = database.run(`CREATE TABLE events AS SELECT ${kept.join(', ')} FROM ${from}`)
    // A file that is cut off is the cause of whatever the engine says about its last line: it is reported first.
    await settled([verifyAll(packedOf(table.files)), loading])
  })
}

/** How much plain text packed files hold: logs pack some six times, and Parquet does as much. */
const PACKED = 6

async function unpackedBytes({ files, format }: FoundFiles): Promise<number> {
  const sizes = await Promise.all(
    files.map(async (file) => {
      const { size } = await stat(file)
      return format === 'parquet' || file.toLowerCase().endsWith('.gz') ? size * PACKED : size
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
