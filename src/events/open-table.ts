import type { Database } from './database.ts'
import { delimitedTable } from './delimited-table.ts'
import type { EventSource } from './event-source.ts'
import type { EventTable } from './event-table.ts'
import type { FoundFiles } from './find-files.ts'
import { jsonLinesTable } from './json-lines-table.ts'
import { parquetTable } from './parquet-table.ts'

/** The files of a source as one table, whatever their format. `wanted`: the names of the columns that will be read. */
export function openTable(
  database: Database,
  found: FoundFiles,
  source: EventSource,
  wanted: readonly string[],
): Promise<EventTable> {
  if (found.format === 'parquet') return parquetTable(database, found.files, wanted)
  if (found.format !== 'jsonl') return delimitedTable(found, source)
  return jsonLinesTable(database, found.files, wanted)
}
