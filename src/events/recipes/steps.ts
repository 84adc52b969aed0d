import type { Database } from '../database.ts'
import { identifier, literal } from '../sql.ts'
import type { PreparationStep } from './recipe.ts'

/**
 * Runs one step over the table `kept`: `row` (its place in the files), session, item, time, and the columns that steps ask for.
 * Inside a session events are ordered by time, then by row.
 */
export async function runStep(database: Database, step: PreparationStep): Promise<void> {
  switch (step.kind) {
    case 'drop-missing-sessions':
      return replaceKept(database, 'SELECT * FROM kept WHERE session IS NOT NULL')
    case 'keep':
      return replaceKept(
        database,
        `SELECT * FROM kept WHERE ${identifier(step.column)} = ${literal(step.value)}`,
      )
    case 'sessions-by-pause':
      return replaceKept(
        database,
        `SELECT * EXCLUDE (begins) REPLACE (session || '-' || CAST(1 + sum(begins) OVER (PARTITION BY session ORDER BY time, row) AS BIGINT) AS session) ` +
          `FROM (SELECT *, CAST(coalesce(time - lag(time) OVER (PARTITION BY session ORDER BY time, row) > ${step.minutes * 60_000}, false) AS INTEGER) AS begins FROM kept)`,
      )
    case 'remove-repeats':
      return replaceKept(
        database,
        step.which === 'consecutive'
          ? 'SELECT * FROM kept QUALIFY item IS DISTINCT FROM lag(item) OVER (PARTITION BY session ORDER BY time, row)'
          : 'SELECT * FROM kept QUALIFY row_number() OVER (PARTITION BY session, item ORDER BY time, row) = 1',
      )
    case 'minimum-counts': {
      for (;;) {
        const before = await countKept(database)
        await replaceKept(
          database,
          `SELECT * FROM kept WHERE ${frequent('session', step.session)} AND ${frequent('item', step.item)}`,
        )
        if (!step.repeat || (await countKept(database)) === before) return
      }
    }
    default:
      step satisfies never
  }
}

const frequent = (column: string, count: number): string =>
  count <= 1
    ? 'true'
    : `${column} IN (SELECT ${column} FROM kept GROUP BY ${column} HAVING count(*) >= ${count})`

export async function countKept(database: Database): Promise<number> {
  const [counted] = await database.rows('SELECT count(*) AS count FROM kept')
  return Number(counted!['count'])
}

export async function replaceKept(database: Database, query: string): Promise<void> {
  await database.run(`CREATE TABLE next AS ${query}`)
  await database.run('DROP TABLE kept')
  await database.run('ALTER TABLE next RENAME TO kept')
}
