import type { Database } from './database.ts'
import type { EventTable } from './event-table.ts'
import { filePattern, identifier, literals } from './sql.ts'

/** Parquet files as a table, with the columns of the first file. */
export async function parquetTable(database: Database, files: readonly string[]): Promise<EventTable> {
  const from = (some: readonly string[]): string =>
    `read_parquet(${literals(some.map(filePattern))}, hive_partitioning = false)`
  const described = await database.rows(`DESCRIBE SELECT * FROM ${from(files.slice(0, 1))}`)
  const columns = described.map((row) => {
    const name = row['column_name']!
    return { name, expression: identifier(name), type: row['column_type']! }
  })
  return { format: 'parquet', files, from, columns }
}
