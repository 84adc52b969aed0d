import { duckdb } from '../expressions/index.ts'

/**
 * Splits sessions where nothing happened for long. A part is numbered by the row of its own first event; what it was a part of, and the how many-th, stays beside it for its name.
 */
export function splitAtPausesSql(from: string, carried: readonly string[], splitAfterMs: number): string {
  const own = 'OVER (PARTITION BY session ORDER BY time, row)'
  const others = carried.filter((name) => name !== 'session')
  // By name: what was split before has columns of its own for parent and part.
  const all = carried.join(', ')
  return (
    `SELECT min(row) OVER (PARTITION BY session, part) AS session, ${others.join(', ')}, session AS parent, part FROM ` +
    `(SELECT ${all}, sum(gap) ${own} AS part FROM ` +
    `(SELECT ${all}, CASE WHEN time - lag(time) ${own} > ${duckdb.literal(splitAfterMs)} THEN 1 ELSE 0 END AS gap FROM ${from} AS s) AS s) AS s`
  )
}

/** The names of the sessions that `splitAtPausesSql` made: that of the session they are part of, `#`, and their number. */
export const namesAtPausesSql = (table: string, names: string): string =>
  `SELECT n.name || '#' || CAST(s.part AS VARCHAR) AS name, s.session AS session, s.events AS events FROM ` +
  `(SELECT session, min(parent) AS parent, min(part) AS part, count(*) AS events FROM ${table} GROUP BY session) AS s ` +
  `JOIN ${names} AS n ON n.session = s.parent ORDER BY s.session`
