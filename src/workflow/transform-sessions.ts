import { UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { RawColumn, RawSessions } from '../events/raw-sessions.ts'
import type { Sessions } from './sessions.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { ResolvedWorkflowOptions } from './workflow-options.ts'

/** Turns raw values into codes. Throws `COLUMN_MISSING` if `raw` lacks a column that the workflow names. */
export function transformSessions(
  raw: RawSessions,
  options: ResolvedWorkflowOptions,
  vocabularies: Readonly<Record<string, Vocabulary>>,
): Sessions {
  checkRaw(raw, options)
  const encoded = (name: string): Int32Array => encodeColumn(rawColumn(raw, name), vocabularies[name]!)
  return {
    count: raw.count,
    offsets: raw.offsets,
    items: encoded(options.item),
    categorical: Object.fromEntries(options.categorical.map((name) => [name, encoded(name)])),
    ...(raw.times === undefined ? {} : { times: raw.times }),
    ids: raw.sessionIds,
  }
}

/** The column `name`. Throws `COLUMN_MISSING` if `raw` was read without it. */
export function rawColumn(raw: RawSessions, name: string): RawColumn {
  const column = Object.hasOwn(raw.columns, name) ? raw.columns[name] : undefined
  if (column !== undefined) return column
  throw new EnsuiteError(
    'COLUMN_MISSING',
    `The sessions hold no column '${name}', which the workflow names; they hold ${Object.keys(raw.columns).join(', ')}. ` +
      `Read it from the events, too.`,
  )
}

/** Throws unless `raw` holds times where the workflow orders by time. */
export function checkRaw(raw: RawSessions, options: ResolvedWorkflowOptions): void {
  if (options.time === undefined || raw.times !== undefined) return
  throw new EnsuiteError(
    'COLUMN_MISSING',
    `The sessions hold no times, but the workflow orders events by '${options.time}'. Read the events with time: '${options.time}'.`,
  )
}

/** Each distinct value is looked up once, however many events there are. */
function encodeColumn(column: RawColumn, vocabulary: Vocabulary): Int32Array {
  const codes = Int32Array.from(column.values, (value) => vocabulary.encode(value))
  return column.codes.map((code) => (code < 0 ? UNKNOWN : codes[code]!))
}
