import { EnsuiteError } from '../errors.ts'
import { identifier } from '../events/sql.ts'
import { shown } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import { checkNames } from './check-features.ts'
import type { FeatureType } from './feature-types.ts'
import { parquetSql } from './parquet-sql.ts'
import type { Reading } from './verified-reading.ts'

/** What is read beside the features, a value a session. */
export interface ReadOptions {
  /** The sessions' own ids. Default false. */
  readonly ids?: boolean
  /** Values of whole sessions that the workflow's `context` names: numbers and truth values. Default: none. */
  readonly context?: readonly string[]
}

/** In the order of the sessions. */
export interface SessionValues {
  /** [sessions]; empty unless asked for. */
  readonly ids: readonly string[]
  /** [sessions] each, in the order in which they were named; NaN where one is missing. */
  readonly context: readonly Float64Array[]
}

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. `types`: of the context. */
export function checkReadOptions(options: ReadOptions, types: Readonly<Record<string, FeatureType>>): void {
  checkOptions('read', options, ['ids', 'context'])
  const { ids = false, context = [] } = options
  if (typeof ids !== 'boolean')
    throw new EnsuiteError('OPTION_INVALID', `read: ids expects true or false, received ${shown(ids)}.`)
  checkNames('context', context, Object.keys(types))
  checkOptions('context', Object.fromEntries(context.map((name) => [name, true])), Object.keys(types))
  const text = context.find((name) => types[name] === 'text')
  if (text === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `Context '${text}' holds text; numbers and truth values can be read. Take it out of the list.`,
  )
}

export async function readSessionValues(
  reading: Reading,
  files: readonly string[],
  { ids = false, context = [] }: ReadOptions,
): Promise<SessionValues> {
  if (!ids && context.length === 0) return { ids: [], context: [] }
  const from = parquetSql(files)
  const columns = context.map((name) => `CAST(${identifier(name)} AS DOUBLE)`)
  return reading(files, async (database) => {
    const rows = ids ? await database.rows(`SELECT session FROM ${from}`) : []
    return {
      ids: rows.map(({ session }) => session!),
      context:
        columns.length === 0 ? [] : await database.columns(`SELECT ${columns.join(', ')} FROM ${from}`),
    }
  })
}
