import type { TableColumn } from './event-table.ts'
import { printedFraction, unprintable } from './printed-number.ts'
import { literal } from './sql.ts'
import { microsOf, textMicros } from './text-micros.ts'

/**
 * What a column is read as. `time`: milliseconds since 1970-01-01 UTC, from ISO dates and timestamps or from numbers that are so already;
 * `seconds`: the same, where numbers are seconds.
 */
export type ColumnType = 'text' | 'number' | 'boolean' | 'time' | 'seconds'

export const isTime = (type: ColumnType): boolean => type === 'time' || type === 'seconds'

/** How texts spell numbers and times: patterns, so that a file is read as events are read online. */
export interface Spelling {
  readonly number: string
  readonly time: string
}

/**
 * How a column is read, as nested selections: each holds named expressions of what the ones inside it have named, so that nothing is computed twice,
 * and what only few spellings need is computed for them alone.
 */
export interface ReadColumn {
  readonly levels: readonly Readonly<Record<string, string>>[]
  /** The names that are kept: the value `c…`, then `b…`, whether it is not what it is declared to be (of texts, where there can be such), then `k…`, of texts that are times how they are spelled. */
  readonly kept: readonly string[]
}

/** The spellings of a time: `k…`. */
export const DATE = 1
export const NUMBER = 2

/** A value as the file spells it, null where it is empty. */
export const spelledText = ({ expression, type }: TableColumn): string =>
  `nullif(${type === 'VARCHAR' ? expression : `CAST(${expression} AS VARCHAR)`}, '')`

/** The text of a value, null where it is empty; numbers with a fraction, in columns of floats and decimals too, as JavaScript prints them online. */
export function rawText(column: TableColumn): string {
  const { expression, type, printed } = column
  if (printed !== undefined) return `nullif(${printed}, '')`
  return isFraction(type) ? printedFraction(expression, type) : spelledText(column)
}

/** Decimals without a fraction are ids: they keep all their digits. */
const isFraction = (type: string): boolean => /^(FLOAT|DOUBLE|DECIMAL)/.test(type) && !/,\s*0\)$/.test(type)

/** The SQL of whether a value is none that has a text: undefined where each has. */
export const refusedText = ({ expression, type, refused }: TableColumn): string | undefined =>
  isFraction(type) ? unprintable(`CAST(${expression} AS DOUBLE)`) : refused

/** Reads a column as `type`, into the names that end in `at`. */
export function readColumn(
  type: ColumnType,
  column: TableColumn,
  at: number,
  spelling: Spelling,
): ReadColumn {
  if (type === 'text') {
    const refused = refusedText(column)
    return {
      levels: [{ [`c${at}`]: rawText(column), ...(refused !== undefined && { [`b${at}`]: refused }) }],
      kept: [`c${at}`, ...(refused === undefined ? [] : [`b${at}`])],
    }
  }
  const read = valueLevels(type, column, at, spelling)
  const wrong = `t${at} IS NOT NULL AND c${at} IS NULL`
  const spelled = isTime(type) && column.type === 'VARCHAR'
  return {
    levels: [...read, { [`b${at}`]: wrong }],
    kept: [`c${at}`, `b${at}`, ...(spelled ? [`k${at}`] : [])],
  }
}

function valueLevels(
  type: ColumnType,
  column: TableColumn,
  at: number,
  spelling: Spelling,
): readonly Readonly<Record<string, string>>[] {
  const [text, value, micros, kind, result] = ['t', 'v', 'u', 'k', 'c'].map((letter) => `${letter}${at}`) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const counted = type === 'seconds' ? `${value} * 1000` : value
  const number = `CASE WHEN ${isTime(type) ? `abs(${counted}) <= ${LAST_TIME}` : `isfinite(${value})`} THEN ${counted} + 0 END`
  const { expression } = column
  if (type === 'boolean') {
    const truth = `CASE WHEN lower(${text}) IN ('true', '1') THEN true WHEN lower(${text}) IN ('false', '0') THEN false END`
    return [{ [text]: rawText(column) }, { [result]: truth }]
  }
  if (/INT(EGER)?$|^(FLOAT|DOUBLE|DECIMAL)/.test(column.type))
    return [{ [text]: expression, [value]: `TRY_CAST(${expression} AS DOUBLE)` }, { [result]: number }]
  if (/^(TIMESTAMP|DATE)/.test(column.type))
    return [
      { [text]: expression, [micros]: isTime(type) ? microsOf(expression) : 'NULL' },
      { [result]: isTime(type) ? milliseconds(micros) : 'CAST(NULL AS DOUBLE)' },
    ]
  const raw = { [text]: spelledText(column) }
  const numeric = `regexp_matches(${text}, ${literal(spelling.number)})`
  const parsed = `TRY_CAST(${text} AS DOUBLE)`
  if (type === 'number')
    return [raw, { [value]: `CASE WHEN ${numeric} THEN ${parsed} END` }, { [result]: number }]
  const timed = `regexp_matches(${text}, ${literal(spelling.time)})`
  return [
    raw,
    { [kind]: `CAST(CASE WHEN ${timed} THEN ${DATE} WHEN ${numeric} THEN ${NUMBER} END AS UTINYINT)` },
    {
      [micros]: `CASE WHEN ${kind} = ${DATE} THEN ${textMicros(text)} END`,
      [value]: `CASE WHEN ${kind} = ${NUMBER} THEN ${parsed} END`,
    },
    { [result]: `CASE WHEN ${kind} = ${DATE} THEN ${milliseconds(micros)} ELSE ${number} END` },
  ]
}

/** The last instant of JavaScript's dates: larger numbers are no milliseconds, but nanoseconds perhaps. */
const LAST_TIME = 8.64e15

/** Whole milliseconds exact in every year, microseconds as a fraction. */
const milliseconds = (micros: string): string =>
  `CAST(${micros} // 1000 AS DOUBLE) + (${micros} % 1000) / 1e3`
