import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../events/database.ts'
import { literal } from '../events/sql.ts'
import { PARQUET } from './parquet-sql.ts'
import { splitParts, type PreparedSplit } from './prepared-split.ts'
import { windowsFolder } from './split-units.ts'

export interface WrittenWindow {
  /** From 1, by the calendar: a day or hour without a session leaves out its number. 0 where sessions are not divided by time. */
  readonly window: number
  readonly train: number
  readonly valid: number
  readonly test: number
}

/** So many rows are in one group of a Parquet file, whatever the engine does. */
const ONE_GROUP = 100_000

/**
 * Writes the table `sessions` as `{train,valid,test}.parquet`, by time as `sessions_by_day/<n>/{train,valid,test}.parquet` (or `sessions_by_hour`): window 1 begins with the first session's day.
 *
 * A query a file, small ones some at a time: sessions lie in the order of windows and parts, so each reads little more than what it writes, and what is in a file does not depend on threads.
 */
export async function writeWindows(
  database: Database,
  folder: string,
  {
    every,
    columns,
    onWindow,
  }: Pick<PreparedSplit, 'every'> & {
    readonly columns: string
    readonly onWindow: (done: number, total: number) => void
  },
): Promise<readonly WrittenWindow[]> {
  const counted = await database.rows(
    `SELECT window_number, ${splitParts.map((part, at) => `count(*) FILTER (WHERE window_part = ${at}) AS ${part}`).join(', ')} ` +
      `FROM sessions GROUP BY window_number ORDER BY window_number`,
  )
  const start = every === undefined ? 0 : Number(counted[0]!['window_number']) - 1
  const folderOf = (window: number): string =>
    every === undefined ? folder : join(folder, windowsFolder(every), String(window))
  const place = (window: number, part: string): string => join(folderOf(window), `${part}.parquet`)
  const written = counted.map((row) => ({
    window: Number(row['window_number']) - start,
    train: Number(row['train']),
    valid: Number(row['valid']),
    test: Number(row['test']),
  }))
  for (const { window } of written) await mkdir(folderOf(window), { recursive: true })
  const files = written.flatMap((row) =>
    splitParts.map((part, at) => ({ window: row.window, part, at, sessions: row[part] })),
  )
  const full = files.filter(({ sessions }) => sessions > 0)
  const copy = (condition: string, file: string): string =>
    `COPY (SELECT ${columns} FROM sessions WHERE ${condition}) TO ${literal(file)} (${PARQUET})`
  // They are in order; but where the engine cuts a file into groups of rows depends on how they came, unless it has sorted them.
  const order = (sessions: number): string => (sessions > ONE_GROUP ? ' ORDER BY first_row' : '')
  const statement = ({ window, part, at, sessions }: (typeof full)[number]): string =>
    copy(`window_number = ${window + start} AND window_part = ${at}${order(sessions)}`, place(window, part))
  const told = (done: number): void => {
    onWindow(Math.floor((done / full.length) * written.length), written.length)
  }
  // Large ones one after the other: each keeps all threads busy, and two at once take twice the memory.
  const [large, small] = [true, false].map((is) => full.filter(({ sessions }) => sessions > ONE_GROUP === is))
  for (const [done, file] of large!.entries()) {
    await database.run(statement(file))
    told(done + 1)
  }
  await database.each(small!.map(statement), (done) => {
    told(large!.length + done)
  })
  const [empty, ...others] = files
    .filter(({ sessions }) => sessions === 0)
    .map(({ window, part }) => place(window, part))
  if (empty !== undefined) await database.run(copy('false', empty))
  for (const other of others) await copyFile(empty!, other)
  return written
}
