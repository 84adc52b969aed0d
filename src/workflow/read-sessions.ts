import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import type { ListChunk } from '../events/list-columns.ts'
import { identifier } from '../events/sql.ts'
import type { Expression } from '../expressions/index.ts'
import type { Definition } from './definition.ts'
import { groupSessions } from './group-sessions.ts'
import { joinedChunks } from './joined-chunks.ts'
import { inputKind } from './model-inputs.ts'
import type { StagedEvents } from './run-stages.ts'
import type { Sessions } from './sessions.ts'
import { timeColumn } from './time-column.ts'

/** The sessions of staged events as a model reads them. Throws `OPTION_INVALID` where the definition names no item. */
export async function readSessions(
  database: Database,
  definition: Definition,
  staged: StagedEvents,
): Promise<Sessions> {
  const { time, features } = definition
  // Columns are called by place: names of features are the user's, and may be those of other columns.
  const trees = [...Object.values(features), ...(time === undefined ? [] : [time])]
  const byPlace = Object.fromEntries(trees.map((tree, at) => [`f${at}`, tree]))
  await groupSessions(database, { ...definition, features: byPlace, context: {} }, staged, { buckets: 1 })
  const { names, lists } = inputColumns(definition, (name) => `f${Object.keys(features).indexOf(name)}`)
  if (time !== undefined) lists.push(`f${trees.length - 1}`)
  const chunks: ListChunk[] = []
  await database.lists(
    `SELECT ${lists.join(', ')} FROM sessions ORDER BY first_row`,
    (chunk) => void chunks.push(chunk),
  )
  const joined = joinedChunks(chunks, lists.length)
  const ids = await database.rows('SELECT session FROM sessions ORDER BY first_row')
  await database.run('DROP TABLE sessions')
  return sessionsOf(
    definition,
    names,
    joined,
    ids.map(({ session }) => session!),
  )
}

/**
 * The features that a model reads, and the SQL of their lists: codes as they are, all else as numbers.
 * Throws `OPTION_INVALID` where the definition names no item.
 */
export function inputColumns(
  { item, features }: Definition,
  column: (name: string) => string = identifier,
): { readonly names: readonly string[]; readonly lists: string[] } {
  if (item === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      "Sessions of items are wanted, and the workflow names none. Name it with item: 'sku', or read the features with table().",
    )
  const names = Object.keys(features).filter((name) => inputKind(features[name]!) !== undefined)
  return { names, lists: names.map((name) => listSql(column(name), features[name]!)) }
}

/** A feature's column as the list that is read. */
export const listSql = (column: string, expression: Expression): string =>
  inputKind(expression) === 'continuous' ? `TRY_CAST(${column} AS FLOAT[])` : column

/** The same of files of sessions, and the times last where there are any. */
export function fileColumns(definition: Definition): ReturnType<typeof inputColumns> {
  const { names, lists } = inputColumns(definition)
  const time = timeColumn(definition)
  return { names, lists: time === undefined ? lists : [...lists, identifier(time)] }
}

/** Lists of the features named, and of the times if they are behind them, as sessions. */
export function sessionsOf(
  { item, features }: Definition,
  names: readonly string[],
  { rows, offsets, values }: ListChunk,
  ids: readonly string[],
): Sessions {
  const isCode = (name: string): boolean => inputKind(features[name]!) === 'categorical'
  const codes = names.flatMap((name, at) => (isCode(name) ? [[name, values[at] as Int32Array] as const] : []))
  const numbers = names.flatMap((name, at) =>
    isCode(name) ? [] : [[name, values[at] as Float32Array] as const],
  )
  return {
    count: rows,
    offsets,
    items: codes.find(([name]) => name === item)![1],
    categorical: Object.fromEntries(codes.filter(([name]) => name !== item)),
    continuous: Object.fromEntries(numbers),
    ...(values.length > names.length && { times: values[names.length] as Float64Array }),
    ids,
  }
}
