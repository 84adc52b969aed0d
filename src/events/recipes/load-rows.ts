import { EnsuiteError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { columnOf, type EventTable } from '../event-table.ts'
import { readable } from '../load-events.ts'
import { identifier, literal } from '../sql.ts'
import { verifyGzip } from '../verify-gzip.ts'
import { readColumn, readTime, textOf, wantedColumns } from './columns.ts'
import { inputTable } from './input-table.ts'
import type { Recipe, RecipeInput, RecipeLookup } from './recipe.ts'

/**
 * Loads the inputs of a recipe, one after another, into the table `loaded`: session, item, time, the columns. Its `rowid` is the order of the files.
 * Returns the number of rows.
 *
 * Throws `FILE_UNREADABLE`, `COLUMN_MISSING`, `COLUMN_INVALID`, `EVENTS_EMPTY`.
 */
export async function loadRows(database: Database, recipe: Recipe, folder: string): Promise<number> {
  let rows = 0
  for (const [at, input] of recipe.inputs.entries()) {
    for (const file of input.files) if (file.toLowerCase().endsWith('.gz')) await verifyGzip(file)
    await readable(input, async () => {
      const query = await rowsOf(database, recipe, input, folder)
      await database.run(at === 0 ? `CREATE TABLE loaded AS ${query}` : `INSERT INTO loaded ${query}`)
    })
    const [counted] = await database.rows('SELECT count(*) AS count FROM loaded')
    const total = Number(counted!['count'])
    if (total === rows)
      throw new EnsuiteError('EVENTS_EMPTY', `${input.files.join(', ')} holds no events: there is no row.`)
    await checkRows(database, recipe, input, rows)
    rows = total
  }
  await database.run('ALTER TABLE loaded DROP COLUMN "wrong value"')
  return rows
}

async function rowsOf(
  database: Database,
  recipe: Recipe,
  input: RecipeInput,
  folder: string,
): Promise<string> {
  const { constants = {}, fileIndex, sessionPrefix } = input
  const wanted = wantedColumns(recipe).filter((name) => !(name in constants) && name !== fileIndex)
  const table = withGivenColumns(
    await inputTable(database, input.files, input.reading, { wanted, folder }),
    input,
  )
  const values = [readTime(table, recipe.time), ...recipe.columns.map((column) => readColumn(table, column))]
  const [time, ...others] = values
  const session = textOf(table, recipe.session)
  const wrong = values.map(
    ({ name, text, value, expects }) =>
      `WHEN ${text} IS NOT NULL AND (${value}) IS NULL THEN ${literal(`column '${name}' expects ${expects}, received '`)} || left(${text}, 100) || ''''`,
  )
  const selected = [
    `${sessionPrefix === undefined ? session : `${literal(sessionPrefix)} || ${session}`} AS session`,
    `${textOf(table, recipe.item)} AS item`,
    `${time!.value} AS time`,
    ...others.map(({ name, value }) => `${value} AS ${identifier(name)}`),
    `CASE ${wrong.join(' ')} END AS "wrong value"`,
  ]
  return `SELECT ${selected.join(', ')} FROM ${table.from(table.files)}`
}

/** The table with the columns that are the same in a whole file. */
function withGivenColumns(table: EventTable, { constants = {}, fileIndex }: RecipeInput): EventTable {
  const given = Object.entries(constants).map(([name, value]) => ({
    name,
    expression: literal(value),
    type: 'VARCHAR',
  }))
  if (fileIndex === undefined) return { ...table, columns: [...table.columns, ...given] }
  return {
    ...table,
    columns: [...table.columns, ...given, { name: fileIndex, expression: '"file index"', type: 'VARCHAR' }],
    from: (files) =>
      `(${files.map((file, at) => `SELECT *, '${at}' AS "file index" FROM ${table.from([file])}`).join(' UNION ALL ')})`,
  }
}

async function checkRows(
  database: Database,
  recipe: Recipe,
  input: RecipeInput,
  before: number,
): Promise<void> {
  const mayLackSession = recipe.steps.some(({ kind }) => kind === 'drop-missing-sessions')
  const problems = [
    ...(mayLackSession ? [] : [`WHEN session IS NULL THEN 'the session column has no value'`]),
    `WHEN item IS NULL THEN 'the item column has no value'`,
    `WHEN "wrong value" IS NOT NULL THEN "wrong value"`,
    `WHEN time IS NULL THEN 'the time column has no value'`,
  ]
  const [found] = await database.rows(
    `SELECT count(*) AS bad, min(row) AS row, arg_min(problem, row) AS problem FROM (` +
      `SELECT rowid - ${before} + 1 AS row, CASE ${problems.join(' ')} END AS problem FROM loaded WHERE rowid >= ${before}` +
      `) WHERE problem IS NOT NULL`,
  )
  const bad = Number(found!['bad'])
  if (bad === 0) return
  const files = input.files.length === 1 ? input.files[0]! : `${input.files[0]!} and the files with it`
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `${found!['problem']!} (row ${found!['row']!} of ${files}${bad === 1 ? '' : `, and ${bad - 1} more`}). ` +
      `Fetch the original file again, or remove these rows.`,
  )
}

/** Loads facts about items into the table `name`: `key`, and the columns; the first row of each item counts. */
export async function loadLookup(
  database: Database,
  lookup: RecipeLookup,
  { name, folder }: { readonly name: string; readonly folder: string },
): Promise<void> {
  const wanted = [
    lookup.key,
    ...lookup.columns.flatMap(({ name, from, flags }) => (flags ? [] : [from ?? name])),
  ]
  for (const file of lookup.files) if (file.toLowerCase().endsWith('.gz')) await verifyGzip(file)
  await readable(lookup, async () => {
    const table = await inputTable(database, lookup.files, lookup.reading, { wanted, folder })
    const columns = lookup.columns.map((column) => readColumn(table, column))
    const key = columnOf(table, lookup.key).expression
    const values = columns.map(({ name: column, value }) => `, ${value} AS ${identifier(column)}`).join('')
    await database.run(
      `CREATE TABLE ${identifier(`all ${name}`)} AS SELECT nullif(CAST(${key} AS VARCHAR), '') AS key${values} FROM ${table.from(table.files)}`,
    )
    await database.run(
      `CREATE TABLE ${identifier(name)} AS SELECT * FROM ${identifier(`all ${name}`)} ` +
        `WHERE rowid IN (SELECT min(rowid) FROM ${identifier(`all ${name}`)} WHERE key IS NOT NULL GROUP BY key)`,
    )
  })
}
