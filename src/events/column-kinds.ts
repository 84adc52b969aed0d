import type { TableColumn } from './event-table.ts'
import { literal } from './sql.ts'
import { textMicros } from './text-micros.ts'

/** What the values of a column are. `list`: a list of plain values a row; `other`: structures and bytes. */
export type ColumnKind = 'integer' | 'float' | 'boolean' | 'time' | 'text' | 'list' | 'other'

/** Words that stand for no value beside numbers, truth values and times. Among texts they are texts: NA is Namibia, too. */
const missingWords = [
  'NA',
  'N/A',
  'n/a',
  'NaN',
  'nan',
  'NAN',
  'NULL',
  'Null',
  'null',
  'None',
  'none',
  '\\N',
  '<NA>',
  '-',
] as const
export const isMissingWord = (value: string): boolean => (missingWords as readonly string[]).includes(value)

/** Spelled as numbers usually are: '007' is an id, and so is '+1'. */
const INTEGER = '-?(0|[1-9][0-9]*)'
const FLOAT = '-?(0|[1-9][0-9]*)?(\\.[0-9]*)?([eE][-+]?[0-9]+)?'
const DIGIT = '[0-9]'
const TIME =
  '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?( ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?))?)?'

const patterns: readonly (readonly [ColumnKind, RegExp])[] = [
  ['integer', new RegExp(`^${INTEGER}$`)],
  ['float', new RegExp(`^(?=.*${DIGIT})${FLOAT}$`)],
  ['boolean', /^(true|false)$/i],
  ['time', new RegExp(`^${TIME}$`)],
]

/** The kind of a column that is stored with a type; undefined for text, which may hold anything. */
export function storedKind({ type }: TableColumn): ColumnKind | undefined {
  if (type === 'VARCHAR' || type.startsWith('ENUM') || type === 'UUID')
    return type === 'VARCHAR' ? undefined : 'text'
  if (/^(STRUCT|MAP|UNION)\b/.test(type)) return 'other'
  // A list of lists, or of structures, has no plain values.
  if (type.endsWith(']'))
    return /^[A-Z0-9 (),]+\[\d*\]$/.test(type) && !type.startsWith('STRUCT') ? 'list' : 'other'
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return 'integer'
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(type)) return 'float'
  if (type === 'BOOLEAN') return 'boolean'
  return /^(TIMESTAMP|DATE)/.test(type) ? 'time' : 'other'
}

/** The narrowest kind that all texts of a sample are. */
export function candidateKind(sample: readonly (string | null)[]): ColumnKind {
  const values = [...new Set(sample)].filter(
    (value) => value !== null && !isMissingWord(value),
  ) as readonly string[]
  if (values.length === 0) return 'text'
  return patterns.find(([, pattern]) => values.every((value) => pattern.test(value)))?.[0] ?? 'text'
}

/** Whether a text is spelled as a value of the kind. */
export const matchesKind = (kind: ColumnKind, value: string): boolean =>
  patterns.find(([each]) => each === kind)?.[1].test(value) ?? false

/** The SQL of "is a word for no value" of a text. */
export const missingCondition = (text: string): string =>
  `${text} IN (${missingWords.map(literal).join(', ')})`

/** The SQL of the value of a text, whose bounds can be told, if it is of this kind; else null. */
export function parsedText(kind: ColumnKind, text: string): string {
  const spelled = (pattern: string, value: string): string =>
    `CASE WHEN regexp_full_match(${text}, ${literal(pattern)}) THEN ${value} END`
  if (kind === 'integer') return spelled(INTEGER, `TRY_CAST(${text} AS BIGINT)`)
  if (kind === 'float') {
    // A whole number that no integer holds is an id: a float loses its last digits.
    const isId = `regexp_full_match(${text}, ${literal(INTEGER)}) AND TRY_CAST(${text} AS BIGINT) IS NULL`
    return finite(spelled(FLOAT, `CASE WHEN ${isId} THEN NULL ELSE TRY_CAST(${text} AS DOUBLE) END`))
  }
  if (kind === 'boolean')
    return `CASE WHEN lower(${text}) IN ('true', 'false') THEN lower(${text}) = 'true' END`
  return kind === 'time' ? spelled(TIME, textMicros(text)) : text
}

/** The SQL of a stored value as its bounds are told: numbers, microseconds since 1970, lengths of lists. */
export function storedValue(kind: ColumnKind, expression: string): string {
  if (kind === 'float') return `CAST(${expression} AS DOUBLE)`
  if (kind === 'time') return `epoch_us(CAST(${expression} AS TIMESTAMPTZ))`
  if (kind === 'list') return `len(${expression})`
  return kind === 'integer' || kind === 'boolean' ? expression : `CAST(${expression} AS VARCHAR)`
}

const finite = (value: string): string => `CASE WHEN isfinite(${value}) THEN ${value} END`

/** A bound as SQL prints it → the value; undefined where there is none. */
export function boundOf(kind: ColumnKind, printed: string): number | bigint | string | undefined {
  if (printed === 'null') return undefined
  if (kind === 'integer') return Number.isSafeInteger(Number(printed)) ? Number(printed) : BigInt(printed)
  if (kind === 'float' || kind === 'list')
    return Number.isFinite(Number(printed)) ? Number(printed) : undefined
  if (kind !== 'time') return undefined
  const instant = new Date(Math.floor(Number(printed) / 1000))
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString()
}
