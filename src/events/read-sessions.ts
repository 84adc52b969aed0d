import { checkColumns, checkSource, checkTextOptions } from './check-source.ts'
import { withDatabase } from './database.ts'
import { encodeColumns } from './encode-columns.ts'
import type { EventColumns, EventSource } from './event-source.ts'
import { timeExpression } from './event-times.ts'
import { findFiles } from './find-files.ts'
import { groupEvents } from './group-events.ts'
import { loadEvents, readable } from './load-events.ts'
import { openTable } from './open-table.ts'
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
    const { session, item, time: instant, categorical = [] } = columns
    const wanted = [session, item, ...(instant === undefined ? [] : [instant]), ...categorical]
    const table = await readable(found, () => openTable(database, found, source, wanted))
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
