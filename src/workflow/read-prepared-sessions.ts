import type { ListChunk } from '../events/list-columns.ts'
import type { Definition } from './definition.ts'
import { joinedChunks } from './joined-chunks.ts'
import { parquetSql } from './parquet-sql.ts'
import { fileColumns, sessionsOf } from './read-sessions.ts'
import type { Sessions } from './sessions.ts'
import type { Reading } from './verified-reading.ts'

/** All sessions of some files as a model reads them, with their times where there are any. */
export function readPreparedSessions(
  reading: Reading,
  files: readonly string[],
  definition: Definition,
): Promise<Sessions> {
  const { names, lists } = fileColumns(definition)
  return reading(files, async (database) => {
    const chunks: ListChunk[] = []
    await database.lists(
      `SELECT ${lists.join(', ')} FROM ${parquetSql(files)}`,
      (chunk) => void chunks.push(chunk),
    )
    const joined = joinedChunks(chunks, lists.length)
    const rows = await database.rows(`SELECT session FROM ${parquetSql(files)}`)
    const ids = rows.map(({ session }) => session!)
    return sessionsOf(definition, names, joined, ids)
  })
}
