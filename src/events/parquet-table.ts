import { EnsuiteError } from '../errors.ts'
import type { Database } from './database.ts'
import type { EventTable, TableColumn } from './event-table.ts'
import { filePattern, identifier, literals } from './sql.ts'
import { rawText, refusedText } from './typed-columns.ts'

/**
 * Parquet files as a table, with the columns of the first file, found by name. A column that has another type in another file is text in all of them, each value as
 * its own file's text, so that nothing becomes what the first file's type can hold.
 *
 * `wanted`: the names of the columns that will be read. Throws `FILE_UNREADABLE` where a file lacks one of them, or a column is of a type that the engine does not read.
 */
export async function parquetTable(
  database: Database,
  files: readonly string[],
  wanted: readonly string[],
): Promise<EventTable> {
  const schemas = await schemasOf(database, files)
  const kinds = [...new Set(schemas)]
  const kindByFile = new Map(files.map((file, at) => [file, kinds.indexOf(schemas[at]!)]))
  const described = await Promise.all(kinds.map((kind) => describe(database, files[schemas.indexOf(kind)]!)))
  const [first] = described as [Described, ...Described[]]
  for (const [kind, own] of described.entries()) {
    const missing = wanted.find(
      (name) => first.some((column) => column.name === name) && !own.some((column) => column.name === name),
    )
    if (missing !== undefined)
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${files[schemas.indexOf(kinds[kind]!)]!} has no column '${missing}', which ${files[0]!} has. Its columns: ${own.map(({ name }) => name).join(', ')}. Read files of the same columns.`,
      )
  }
  const columns = first
    .filter(({ name }) => described.every((own) => own.some((column) => column.name === name)))
    .map((column, at) => together(column, described, at))
  return {
    format: 'parquet',
    files,
    from: (some) => {
      if (columns.every(({ refused }) => refused === undefined)) return reading(some)
      const selections = runsOf(some, kindByFile).map(({ kind, files: own }) => {
        const expressions = columns.flatMap(({ name }, at) => selected(described, { kind, name, at }))
        return `SELECT ${expressions.join(', ')} FROM ${reading(own)}`
      })
      return `(${selections.join(' UNION ALL ')})`
    },
    columns,
  }
}

type Described = readonly TableColumn[]

const reading = (files: readonly string[]): string =>
  `read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false)`

async function describe(database: Database, file: string): Promise<Described> {
  const rows = await database.rows(`DESCRIBE SELECT * FROM ${reading([file])}`)
  return rows.map((row) => {
    const name = row['column_name']!
    return { name, expression: identifier(name), type: row['column_type']! }
  })
}

/** What the columns of each file are: equal for files of equal columns. Throws `FILE_UNREADABLE` for decimals that the engine reads as other numbers. */
async function schemasOf(database: Database, files: readonly string[]): Promise<readonly string[]> {
  const fields = [
    'name',
    'type',
    'type_length',
    'converted_type',
    'logical_type',
    'scale',
    'precision',
    'num_children',
  ]
  const rows = await database.rows(
    `SELECT file_name AS file, md5(string_agg(own, '' ORDER BY own)) AS kind, coalesce(any_value(wide), '') AS wide FROM (SELECT file_name, ` +
      `CAST(to_json({${fields.map((field) => `'${field}': ${field}`).join(', ')}}) AS VARCHAR) AS own, CASE WHEN precision > 38 THEN name END AS wide ` +
      `FROM parquet_schema(${literals(files.map(filePattern))})) GROUP BY file_name`,
  )
  const byFile = new Map(rows.map((row) => [row['file']!, row]))
  return files.map((file) => {
    const { kind, wide: column } = byFile.get(file)!
    if (column !== '')
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${file}: column '${column!}' holds decimals of more than 38 digits. Write it as decimals of 38 digits or fewer, or as text.`,
      )
    return kind!
  })
}

/** A column of all files together. */
function together(column: TableColumn, described: readonly Described[], at: number): TableColumn {
  const types = [...new Set(described.map((own) => own.find(({ name }) => name === column.name)!.type))]
  if (types.length === 1) return column
  const nested = types.find((type) => /[[(]/.test(type) && !type.startsWith('DECIMAL'))
  return { ...column, type: nested ?? 'VARCHAR', refused: `refused${at}` }
}

/** A column of the files of one kind, as it is in all files together. */
function selected(
  described: readonly Described[],
  { kind, name, at }: { readonly kind: number; readonly name: string; readonly at: number },
): readonly string[] {
  const own = described.map((columns) => columns.find((column) => column.name === name)!)
  const column = own[kind]!
  if (own.every(({ type }) => type === column.type)) return [column.expression]
  return [`${rawText(column)} AS ${identifier(name)}`, `${refusedText(column) ?? 'false'} AS refused${at}`]
}

/** Files in their order, those of one kind that follow each other together. */
function runsOf(
  files: readonly string[],
  kindByFile: ReadonlyMap<string, number>,
): readonly { readonly kind: number; readonly files: readonly string[] }[] {
  const runs: { kind: number; files: string[] }[] = []
  for (const file of files) {
    const kind = kindByFile.get(file)!
    const last = runs.at(-1)
    if (last?.kind === kind) last.files.push(file)
    else runs.push({ kind, files: [file] })
  }
  return runs
}
