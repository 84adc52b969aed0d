import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import { identifier, literal } from '../events/sql.ts'
import type { Definition } from './definition.ts'
import type { Lengths } from './feature-schema.ts'
import { featureTypes } from './feature-types.ts'
import { PARQUET } from './parquet-sql.ts'
import type { CheckedOptions } from './prepare-options.ts'
import { sessionPath, type SessionFile } from './prepared-files.ts'
import { splitParts } from './prepared-split.ts'
import { timeColumn, TIMES } from './time-column.ts'
import { writeWindows, type WrittenWindow } from './write-windows.ts'

export interface WrittenSessions {
  readonly sessions: number
  readonly events: number
  readonly lengths: Lengths
  readonly windows: readonly WrittenWindow[]
  readonly files: readonly Pick<SessionFile, 'path' | 'window' | 'part' | 'sessions'>[]
}

type Options = Pick<CheckedOptions, 'split' | 'onProgress' | 'minEvents' | 'slice'> & {
  readonly folder: string
}

/** Writes the table `sessions` as Parquet files. Throws `SESSIONS_TOO_FEW` if it is empty. */
export async function writeSessions(
  database: Database,
  definition: Definition,
  { folder, split, onProgress, minEvents, slice }: Options,
): Promise<WrittenSessions> {
  const [counted] = await database.rows(
    'SELECT count(*) AS sessions, sum(events) AS events, min(events) AS shortest, max(events) AS longest FROM sessions',
  )
  const sessions = Number(counted!['sessions'])
  if (sessions === 0)
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `No session has ${minEvents} or more events${slice === undefined ? '. Lower minEvents.' : ' of which the slice keeps one. Lower minEvents, or widen the slice.'}`,
    )
  const counts = {
    sessions,
    events: Number(counted!['events']),
    lengths: { min: Number(counted!['shortest']), max: Number(counted!['longest']) },
  }
  const times = timeColumn(definition) === TIMES ? [TIMES] : []
  const columns = ['session', 'first_time', ...times, ...Object.keys(featureTypes(definition))]
    .map(identifier)
    .join(', ')
  if (split === undefined) {
    onProgress?.({ phase: 'write', done: 0, total: 1 })
    const file = { window: 0, part: 'all', sessions } as const
    const path = sessionPath(file)
    await database.run(
      `COPY (SELECT ${columns} FROM sessions ORDER BY first_row) TO ${literal(join(folder, path))} (${PARQUET})`,
    )
    return { ...counts, windows: [], files: [{ path, ...file }] }
  }
  const { every } = split
  const windows = await writeWindows(database, folder, {
    ...(every !== undefined && { every }),
    columns,
    onWindow: (done, total) => onProgress?.({ phase: 'write', done, total }),
  })
  const files = windows.flatMap((written) =>
    splitParts.map((part) => {
      const file = { window: written.window, part, sessions: written[part] }
      return { path: sessionPath(file, every), ...file }
    }),
  )
  return { ...counts, windows, files }
}
