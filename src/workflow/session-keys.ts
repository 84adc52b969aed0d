import type { Database } from '../events/database.ts'

/** What holds the number of a row. */
export type RowType = 'INTEGER' | 'BIGINT'

/** Half as wide where it can be: it stands beside every event, which are sorted by it. */
export async function rowType(database: Database): Promise<RowType> {
  const [counted] = await database.rows('SELECT count(*) AS events FROM events')
  return Number(counted!['events']) < 2 ** 31 ? 'INTEGER' : 'BIGINT'
}

/**
 * Sessions are numbered by the row of their first event, so that what follows compares whole numbers, and a range of them is a part of all sessions in order of first appearance.
 * Events without a session are in none. A table of names has, in this order, `session`, its `name`, and how many `events` it has.
 */
export async function createSessionNames(database: Database, table: string, type: RowType): Promise<void> {
  await database.run(
    `CREATE TABLE ${table} AS SELECT c0 AS name, CAST(min(rowid) AS ${type}) AS session, count(*) AS events FROM events WHERE c0 IS NOT NULL GROUP BY c0 ORDER BY session`,
  )
}

/** Sessions from `from` to below `until`. */
export interface SessionRange {
  readonly from: number
  readonly until: number
}

export const allSessions: SessionRange = { from: 0, until: Number.MAX_SAFE_INTEGER }

/** The condition that a session, by its number, is in a range. */
export const inRange = (session: string, { from, until }: SessionRange): string =>
  `${session} >= ${from} AND ${session} < ${until}`

/** Into so many groups of neighbours at most; a part is a whole number of them. */
const BINS = 65_536

/** Cuts all sessions, or those of a range, into parts of about as many events; some are empty where single sessions hold more than a part. */
export async function sessionRanges(
  database: Database,
  names: string,
  { parts, within = allSessions }: { readonly parts: number; readonly within?: SessionRange },
): Promise<readonly SessionRange[]> {
  if (parts === 1) return [within]
  const { from, until } = within
  const inside = `(SELECT session, events FROM ${names} WHERE ${inRange('session', within)})`
  // Sessions lie about evenly over the rows: neighbours count together, which spares a running sum over all of them.
  // Without a condition, the engine knows the largest without looking.
  const [last] = await database.rows(`SELECT coalesce(max(session), 0) AS session FROM ${names}`)
  const width = Math.max(1, Math.ceil((Math.min(until, Number(last!['session']) + 1) - from) / BINS))
  const bins = `(SELECT min(session) AS session, sum(events) AS events FROM ${inside} GROUP BY (session - ${from}) // ${width})`
  const rows = await database.rows(
    `SELECT part, min(session) AS start FROM (SELECT session, CAST(floor((running - events / 2) * ${parts} / total) AS INTEGER) AS part FROM ` +
      `(SELECT session, events, CAST(sum(events) OVER (ORDER BY session) AS DOUBLE) AS running, sum(events) OVER () AS total FROM ${bins})) GROUP BY part ORDER BY part DESC`,
  )
  const starts = new Map(rows.map((row) => [Number(row['part']), Number(row['start'])]))
  const ranges: SessionRange[] = []
  let end = until
  for (let part = parts - 1; part >= 0; part--) {
    const start = part === 0 ? from : (starts.get(part) ?? end)
    ranges.unshift({ from: start, until: end })
    end = start
  }
  return ranges
}

/** Runs something on each range of sessions in their order; one that does not fit into memory is halved, until it does or is a single session. */
export async function inRanges(
  database: Database,
  names: string,
  ranges: readonly SessionRange[],
  run: (range: SessionRange) => Promise<void>,
): Promise<void> {
  for (const range of ranges) {
    if (range.from >= range.until) continue
    try {
      await run(range)
    } catch (cause) {
      if (!(cause instanceof Error && cause.message.startsWith('Out of Memory'))) throw cause
      const halves = await sessionRanges(database, names, { parts: 2, within: range })
      if (halves.some(({ from, until }) => from >= until)) throw cause
      await inRanges(database, names, halves, run)
    }
  }
}
