import { EnsuiteError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { identifier, literal } from '../sql.ts'
import { derivedColumns } from './columns.ts'
import type { Recipe } from './recipe.ts'
import { countKept, replaceKept, runStep } from './steps.ts'
import { findWindows, type PreparedWindow, windowKey } from './windows.ts'

/**
 * Runs the steps of a recipe over the table `loaded`. Leaves the tables `kept` (row, session, item, time) and
 * `sessions` (session, first, firstRow, and window). Only narrow rows are moved about; the other columns join at the end.
 */
export async function chooseEvents(
  database: Database,
  recipe: Recipe,
  seed: number,
): Promise<readonly PreparedWindow[] | undefined> {
  const { steps, time, windows } = recipe
  const asked = [
    ...steps.flatMap((step) => (step.kind === 'keep' ? [step.column] : [])),
    ...(windows?.by === 'column' ? [windows.column] : []),
  ]
  const columns = [...new Set(asked)].map((name) => `, ${identifier(name)}`).join('')
  await database.run(`CREATE TABLE kept AS SELECT rowid AS row, session, item, time${columns} FROM loaded`)
  const [origin] = await database.rows(
    'SELECT coalesce(min(time), 0) AS first FROM kept WHERE session IS NOT NULL',
  )
  for (const step of steps) await runStep(database, step)
  if ((await countKept(database)) === 0)
    throw new EnsuiteError(
      'EVENTS_EMPTY',
      `No event is left after the preparation (${steps.map(({ kind }) => kind).join(', ')}). Check that the files are whole, and not a small sample.`,
    )
  if (time.kind === 'place')
    await replaceKept(
      database,
      'SELECT * REPLACE (CAST(row_number() OVER (PARTITION BY session ORDER BY row) - 1 AS DOUBLE) AS time) FROM kept',
    )
  const key = windows === undefined ? '' : `, ${windowKey(windows, Number(origin!['first']))} AS key`
  await database.run(
    `CREATE TABLE sessions AS SELECT session, min(time) AS first, min(row) AS "first row", count(*) AS events${key} FROM kept GROUP BY session`,
  )
  if (windows === undefined) return undefined
  const found = await findWindows(database, windows, seed)
  if (found.length === 0)
    throw new EnsuiteError(
      'EVENTS_EMPTY',
      `No ${windows.unit} has ${windows.minSessions} sessions or more, which the preparation asks for. Check that the files are whole, and not a small sample.`,
    )
  return found
}

/** Writes the chosen events to `file`. */
export async function writeEvents(database: Database, recipe: Recipe, file: string): Promise<void> {
  const lookupColumns = recipe.lookups.flatMap((lookup) => lookup.columns)
  const all = [...recipe.columns, ...lookupColumns]
  const shown = all.filter(({ hidden }) => hidden !== true).map(({ name }) => identifier(name))
  const derived = derivedColumns(recipe.derived).map(
    ({ name, expression }) => `${expression} AS ${identifier(name)}`,
  )
  const window = recipe.windows === undefined ? [] : ['"window"']
  const joins = recipe.lookups.map(
    (_, at) => `LEFT JOIN ${identifier(`lookup ${at}`)} AS lookup${at} ON lookup${at}.key = kept.item`,
  )
  const joined = [
    'kept.session',
    'kept.item',
    'kept.time',
    'kept.row',
    'sessions.first',
    'sessions."first row"',
    ...window.map((name) => `sessions.${name}`),
    ...recipe.columns.map(({ name }) => `loaded.${identifier(name)}`),
    ...recipe.lookups.flatMap(({ columns }, at) =>
      columns.map(({ name }) => `lookup${at}.${identifier(name)}`),
    ),
  ]
  await database.run(
    `COPY (SELECT ${['session', 'item', 'time', ...window, ...shown, ...derived].join(', ')} FROM (` +
      `SELECT ${joined.join(', ')} FROM kept JOIN sessions ON kept.session = sessions.session ` +
      `JOIN loaded ON loaded.rowid = kept.row ${joins.join(' ')}` +
      `) ORDER BY first, "first row", time, row) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`,
  )
}
