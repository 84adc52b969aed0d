import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../database.ts'
import { identifier, literal } from '../sql.ts'
import type { RecipeWindows } from './recipe.ts'

/** A window that was kept. */
export interface PreparedWindow {
  /** From 1, in order of time, without gaps: the name of its folder, in four digits. */
  readonly number: number
  /** The hour or day that the files count, or days since the first event or since 1970. */
  readonly key: number
  readonly sessions: number
  readonly interactions: number
}

export const windowFolder = ({ unit }: RecipeWindows): string => `sessions_by_${unit}`

/** The SQL of a session's window, over the events of the session in the table `kept`. `origin`: the first time of all. */
export function windowKey(windows: RecipeWindows, origin: number): string {
  if (windows.by === 'column') return `CAST(arg_min(${identifier(windows.column)}, row) AS BIGINT)`
  const since = windows.by === 'first-event' ? origin : 0
  return `CAST(floor((min(time) - ${since}) / 86400000) AS BIGINT)`
}

/**
 * Removes the sessions of windows that have too few from `sessions` (session, key, events), numbers the other windows in the column `window`, and
 * draws half of each for validation: the column `valid`, by the MD5 of seed and session.
 */
export async function findWindows(
  database: Database,
  { minSessions }: RecipeWindows,
  seed: number,
): Promise<readonly PreparedWindow[]> {
  await database.run(
    `CREATE TABLE windows AS SELECT key, CAST(row_number() OVER (ORDER BY key) AS INTEGER) AS number, sessions, interactions FROM ` +
      `(SELECT key, count(*) AS sessions, sum(events) AS interactions FROM sessions GROUP BY key HAVING count(*) >= ${minSessions})`,
  )
  await database.run(
    `CREATE TABLE numbered AS SELECT sessions.* EXCLUDE (key), windows.number AS "window", ` +
      `row_number() OVER (PARTITION BY key ORDER BY md5(${literal(`${seed}:`)} || session), session) <= windows.sessions // 2 AS valid ` +
      `FROM sessions JOIN windows USING (key)`,
  )
  await database.run('DROP TABLE sessions')
  await database.run('ALTER TABLE numbered RENAME TO sessions')
  const rows = await database.rows('SELECT * FROM windows ORDER BY number')
  return rows.map((row) => ({
    number: Number(row['number']),
    key: Number(row['key']),
    sessions: Number(row['sessions']),
    interactions: Number(row['interactions']),
  }))
}

export interface WriteWindowsOptions {
  /** Filled with `0001/{train,valid,test}.parquet` and so on. */
  readonly folder: string
  /** What `FROM` takes: the written events, with `file_row_number`. */
  readonly events: string
  readonly columns: readonly string[]
  readonly memoryLimit: number
  readonly onWindow: (done: number) => void
}

/**
 * Writes each window: one row a session, ordered by the first event; `session`, and every other column as a list in the order of the events.
 * `train` holds all sessions of the window; `valid` and `test` are two halves of the same. They are meant for a model that has been trained on earlier windows only (Transformers4Rec). Returns the paths of the files.
 */
export async function writeWindows(
  database: Database,
  windows: readonly PreparedWindow[],
  options: WriteWindowsOptions,
): Promise<readonly string[]> {
  const { folder, events, memoryLimit } = options
  const columns = options.columns.filter((name) => name !== 'session' && name !== 'window')
  const names = columns.map(identifier).join(', ')
  const most = memoryLimit / (BYTES_PER_VALUE * (columns.length + 1))
  const written: string[] = []
  for (const batch of windowBatches(windows, Math.min(most, MOST_AT_ONCE))) {
    const interactions = batch.reduce((sum, window) => sum + window.interactions, 0)
    await groupWindows(database, {
      events,
      columns,
      first: batch[0]!.number,
      last: batch.at(-1)!.number,
      buckets: Math.max(1, Math.ceil(interactions / most)),
    })
    for (const { number } of batch) {
      const place = join(folder, String(number).padStart(4, '0'))
      await mkdir(place, { recursive: true })
      for (const [name, condition] of Object.entries({
        train: '',
        valid: ' AND valid',
        test: ' AND NOT valid',
      })) {
        const file = join(place, `${name}.parquet`)
        await database.run(
          `COPY (SELECT session, ${names} FROM grouped WHERE "window" = ${number}${condition} ORDER BY place) TO ${literal(file)} (FORMAT parquet)`,
        )
        written.push(file)
      }
      options.onWindow(number)
    }
  }
  return written
}

/** What a value takes while its list is made and sorted, measured generously: lists cannot be moved to the disk half made. */
const BYTES_PER_VALUE = 256

/** Each window is looked up among those that were grouped with it. */
const MOST_AT_ONCE = 150_000

/** Neighbouring windows together, up to so many events: grouping many small ones at once is faster. */
export function windowBatches(
  windows: readonly PreparedWindow[],
  mostInteractions: number,
): readonly (readonly PreparedWindow[])[] {
  const batches: PreparedWindow[][] = []
  let sum = Infinity
  for (const window of windows) {
    sum += window.interactions
    if (sum <= mostInteractions) batches.at(-1)!.push(window)
    else {
      batches.push([window])
      sum = window.interactions
    }
  }
  return batches
}

interface Grouping {
  readonly events: string
  readonly columns: readonly string[]
  readonly first: number
  readonly last: number
  /** In how many parts the sessions are grouped, one after another. */
  readonly buckets: number
}

/** Fills the table `grouped` with the sessions of some windows: session, window, valid, place, and the columns as lists. */
async function groupWindows(database: Database, grouping: Grouping): Promise<void> {
  const { events, columns, first, last, buckets } = grouping
  const fields = ['file_row_number', ...columns].map((name) => `${literal(name)}: event.${identifier(name)}`)
  const lists = columns.map(
    (name) => `list_transform(events, lambda event: event.${identifier(name)}) AS ${identifier(name)}`,
  )
  const range = `BETWEEN ${first} AND ${last}`
  // The place in the file is unique and in the order of the events, so that the structs are ordered by it alone.
  const grouped = (condition: string): string =>
    `SELECT session, "window", valid, events[1].file_row_number AS place, ${lists.join(', ')} FROM (` +
    `SELECT event.session, event."window", sessions.valid, list_sort(list({${fields.join(', ')}})) AS events ` +
    `FROM ${events} AS event JOIN sessions ON event.session = sessions.session AND sessions."window" ${range} ` +
    `WHERE event."window" ${range}${condition} GROUP BY ALL)`
  await database.run('DROP TABLE IF EXISTS grouped')
  for (let bucket = 0; bucket < buckets; bucket++) {
    // The engine's own hash decides only what is grouped together, never what is written.
    const query = grouped(buckets === 1 ? '' : ` AND hash(event.session) % ${buckets} = ${bucket}`)
    await database.run(bucket === 0 ? `CREATE TABLE grouped AS ${query}` : `INSERT INTO grouped ${query}`)
  }
}
