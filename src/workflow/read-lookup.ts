import { EnsuiteError } from '../errors.ts'
import type { EventSource } from '../events/event-source.ts'
import { withTypedEvents, type ColumnType } from '../events/typed-events.ts'
import { MOST_ROWS, numberPattern, shown, timePattern } from '../expressions/index.ts'
import { checkChoice, checkOptions } from '../options.ts'

export interface LookupColumns {
  /** Names of the columns that are the key, read as text, in the order of the keys of `lookup`. */
  readonly keys: readonly string[]
  /** Name of the column of the values. */
  readonly value: string
  /** What the values are read as; default: 'text'. */
  readonly type?: ColumnType
}

/** What `lookup` takes. */
export interface LookupTable {
  readonly keys: readonly (readonly string[])[]
  readonly values: readonly (number | string | boolean)[]
}

const types = ['text', 'number', 'boolean', 'time', 'seconds'] as const

/**
 * Reads a table of your own from a file, for `features.lookup(keys, table)`: NVTabular's JoinExternal.
 *
 * Of several rows of one key, the first that has a value counts; rows without a key or a value are left out.
 * Throws what reading events throws; `EVENTS_EMPTY` if no row is left, `OPTION_INVALID` for more than two million.
 */
export async function readLookup(source: EventSource, columns: LookupColumns): Promise<LookupTable> {
  checkOptions('readLookup', columns, ['keys', 'value', 'type'])
  const { keys, value, type = 'text' } = columns
  const given: unknown = keys
  const named = Array.isArray(given) && given.length > 0 ? [...keys, value] : []
  if (named.length === 0 || named.some((name: unknown) => typeof name !== 'string' || name === ''))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `readLookup expects keys, a list of columns, and value, a column; received ${shown({ keys, value })}.`,
    )
  checkChoice('readLookup: type', type, types)
  const read = [...keys.map((name) => ({ name, type: 'text' as const })), { name: value, type }]
  const spelling = { number: numberPattern, time: timePattern }
  return withTypedEvents(source, read, { spelling }, async (database) => {
    const parts = keys.map((_, at) => `c${at}`)
    const own = `c${keys.length}`
    const present = [...parts, own].map((name) => `${name} IS NOT NULL`).join(' AND ')
    const first = `SELECT ${parts.join(', ')}, arg_min(${own}, rowid) AS value, min(rowid) AS place FROM events WHERE ${present} GROUP BY ${parts.join(', ')}`
    const [counted] = await database.rows(`SELECT count(*) AS keys FROM (${first})`)
    const rows = Number(counted!['keys'])
    const where = [source.path].flat().join(', ')
    if (rows === 0)
      throw new EnsuiteError(
        'EVENTS_EMPTY',
        `${where} holds no row with ${named.join(', ')}: there is nothing to look up.`,
      )
    if (rows > MOST_ROWS)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${where} holds ${rows} keys; a lookup takes at most ${MOST_ROWS}. Join so large a table to the events before.`,
      )
    const table = await database.rows(`SELECT * EXCLUDE (place) FROM (${first}) ORDER BY place`)
    return {
      keys: table.map((row) => parts.map((name) => row[name]!)),
      values: table.map((row) => parsed(row['value']!, type)),
    }
  })
}

const parsed = (text: string, type: ColumnType): number | string | boolean => {
  if (type === 'text') return text
  return type === 'boolean' ? text === 'true' : Number(text)
}
