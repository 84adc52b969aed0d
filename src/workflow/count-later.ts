import { EnsuiteError } from '../errors.ts'
import { identifier } from '../events/sql.ts'
import { duckdb } from '../expressions/index.ts'
import type { Definition } from './definition.ts'
import { parquetSql } from './parquet-sql.ts'
import { timeColumn } from './time-column.ts'
import type { Reading } from './verified-reading.ts'

export interface EventsAfter {
  readonly events: number
  readonly later: number
}

/** The events of some files of sessions, and those of them that are later than a time. Throws `OPTION_INVALID` where there are no times. */
export function countLater(
  reading: Reading,
  files: readonly string[],
  { definition, time }: { readonly definition: Definition; readonly time: number },
): Promise<EventsAfter> {
  const column = timeColumn(definition)
  if (column === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'eventsAfter needs times, and the workflow of this folder names none. Name the column with time, and prepare again.',
    )
  return reading(files, async (database) => {
    const times = identifier(column)
    const [counted] = await database.rows(
      `SELECT coalesce(sum(len(${times})), 0) AS events, coalesce(sum(len(list_filter(${times}, lambda t: t > ${duckdb.literal(time)}))), 0) AS later ` +
        `FROM ${parquetSql(files)}`,
    )
    return { events: Number(counted!['events']), later: Number(counted!['later']) }
  })
}
