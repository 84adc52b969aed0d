import { checkColumns, checkSource, checkTextOptions } from './check-source.ts'
import { type Database, withDatabase } from './database.ts'
import { delimitedTable } from './delimited-table.ts'
import { encodeColumns } from './encode-columns.ts'
import type { EventColumns, EventSource } from './event-source.ts'
import type { EventTable } from './event-table.ts'
import { timeExpression } from './event-times.ts'
import { findFiles, type FoundFiles } from './find-files.ts'
import { groupEvents } from './group-events.ts'
import { jsonLinesTable } from './json-lines-table.ts'
import { loadEvents, readable } from './load-events.ts'
import { parquetTable } from './parquet-table.ts'
import type { RawSessions } from './raw-sessions.ts'

/**
 * Reads events from files and groups them into sessions, in order of first appearance.
 *
 * Inside a session events are ordered by time; events of equal time, and all without `time`, keep the order of the
 * files. Values stay the strings that they are in the file: '007' is not 7.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FORMAT_UNKNOWN`, `COLUMN_MISSING`, `COLUMN_INVALID`, `EVENTS_EMPTY`,
 * `OPTION_UNKNOWN`, `OPTION_INVALID`.
 */
export async function readSessions(source: EventSource, columns: EventColumns): Promise<RawSessions> {
  checkSource(source)
  checkColumns(columns)
  const found = await findFiles(source)
  checkTextOptions(source, found.format)
  return withDatabase(found.files, async (database) => {
    const table = await readable(found, () => openTable(database, found, source, columns))
    const timeColumn = await loadEvents(database, table, columns)
    const time = timeColumn === undefined ? undefined : await timeExpression(database, table, timeColumn)
    const names = [columns.item, ...(columns.categorical ?? [])]
    const { texts, times } = await encodeColumns(database, names.length + 1, time)
    return groupEvents({
      session: texts[0]!,
      columns: Object.fromEntries(names.map((name, index) => [name, texts[index + 1]!])),
      ...(times === undefined ? {} : { times }),
    })
  })
}

function openTable(
  database: Database,
  found: FoundFiles,
  source: EventSource,
  columns: EventColumns,
): Promise<EventTable> {
  if (found.format === 'parquet') return parquetTable(database, found.files)
  if (found.format !== 'jsonl') return delimitedTable(found, source)
  const { session, item, time, categorical = [] } = columns
  const wanted = [session, item, ...(time === undefined ? [] : [time]), ...categorical]
  return jsonLinesTable(database, found.files, wanted)
}
