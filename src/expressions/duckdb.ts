import { numberPattern, spaces, type Dialect } from './dialect.ts'
import { EXACT } from './exact-sum.ts'
import { sparsePattern } from './sparse-text.ts'
import type { Value } from './value.ts'

function literal(value: Value): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return textLiteral(value)
  if (typeof value === 'boolean') return String(value)
  // In quotes: without, the engine reads a decimal, whose cast is a double beside the nearest at times.
  return `CAST('${Object.is(value, -0) ? '0' : String(value)}' AS DOUBLE)`
}

/** The engine takes its SQL to end at a zero byte. */
function textLiteral(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`
}

const finite = (sql: string): string => `CASE WHEN isfinite(${sql}) THEN ${sql} END`

const list = (numbers: readonly number[]): string => `[${numbers.map((each) => literal(each)).join(', ')}]`

/** A sum of whole numbers of at most 128 bits as the nearest double: the engine's own cast rounds twice, that of a text once. */
const wholeSum = (sql: string, over: string, type = 'HUGEINT'): string =>
  `CAST(CAST(sum(TRY_CAST(${sql} AS ${type})) ${over} AS VARCHAR) AS DOUBLE)`

/** 2⁶¹: a whole number of this size fits into 64 bits with its sign. */
const LIMB = 2 ** 61
/** From here on two of them hold all digits of a double. */
const SMALL = 2 ** -8

/**
 * Numbers as two whole ones of 62 bits, by a power of two: what is summed so is exact, and holds all digits of what is up to 2⁶⁹ times smaller than the largest number.
 * A group of only smaller ones is summed in their order.
 */
function sum(
  sql: string,
  { largest, where }: { readonly largest: number; readonly where?: string | undefined },
): string {
  const scale = literal(2 ** Math.min(1023, 61 - exponentOf(largest)))
  const filtered = (...conditions: readonly (string | undefined)[]): string => {
    const given = conditions.filter((each) => each !== undefined)
    return given.length === 0 ? '' : `FILTER (WHERE ${given.join(' AND ')})`
  }
  const own = where === undefined ? undefined : `(${where})`
  const filter = filtered(own)
  const scaled = `(${sql} * ${scale})`
  const whole = wholeSum(`trunc(${scaled})`, filter, 'BIGINT')
  const rest = wholeSum(`(${scaled} - trunc(${scaled})) * ${literal(LIMB)}`, filter, 'BIGINT')
  const most = `max(abs(${scaled})) ${filter}`
  // Few numbers are so small, and zeros need no list: mostly nothing is listed.
  const small = `list(${sql}) ${filtered(own, `${sql} <> 0`, `abs(${scaled}) < ${SMALL}`)}`
  return (
    `CASE WHEN ${most} >= ${SMALL} THEN (${whole} + ${rest} / ${literal(LIMB)}) / ${scale} ` +
    `ELSE coalesce(list_sum(list_sort(${small})), 0 * ${most}) END`
  )
}

/** The least power of two that is above a number. */
function exponentOf(number: number): number {
  if (number === 0) return 0
  const near = Math.floor(Math.log2(number))
  return number >= 2 ** near * 2 ? near + 2 : near + 1
}

const rounded = (sql: string): string => `CAST(CAST(${sql} AS FLOAT) AS DOUBLE)`

/** Computes something once under a name, for what uses it more than once. */
const given = (sql: string, name: string, use: string): string =>
  `list_transform([${sql}], lambda ${name}: ${use})[1]`

/** A sparse vector as lists of its indexes and of its weights. */
function sparse(text: string): string {
  const part = (which: number, type: string): string =>
    `list_transform(entries, lambda entry: TRY_CAST(split_part(entry, ':', ${which}) AS ${type}))`
  const filled = `CASE WHEN ${text} <> '' THEN string_split(${text}, ' ') ELSE [] END`
  return given(filled, 'entries', `{i: ${part(1, 'INTEGER')}, w: ${part(2, 'DOUBLE')}}`)
}

function sparseProduct(left: string, right: string): string {
  const spelled = (text: string): string => `regexp_matches(${text}, ${literal(sparsePattern)})`
  const known = (side: string): string =>
    `len(list_filter(v.${side}.w, lambda weight: isfinite(weight))) = len(v.${side}.w)`
  const products =
    'list_transform(v.l.i, lambda entry, place: v.l.w[place] * v.r.w[list_position(v.r.i, entry)])'
  const sum = `list_reduce(list_filter(${products}, lambda each: each IS NOT NULL), lambda one, other: one + other, CAST(0 AS DOUBLE))`
  const value = given(
    given(sum, 'total', 'TRY_CAST(total + 0 AS FLOAT)'),
    'single',
    finite('CAST(single AS DOUBLE)'),
  )
  return (
    `CASE WHEN ${spelled(left)} AND ${spelled(right)} THEN ` +
    `${given(`{l: ${sparse(left)}, r: ${sparse(right)}}`, 'v', `CASE WHEN ${known('l')} AND ${known('r')} THEN ${value} END`)} END`
  )
}

/** DuckDB 1.5. */
export const duckdb: Dialect = {
  literal,
  types: { number: 'DOUBLE', text: 'VARCHAR', boolean: 'BOOLEAN' },
  finite,
  rounded,
  // The lower half of the whole number: five times faster than the function that gives the half.
  bucket: (sql, buckets) =>
    `CAST(CAST(md5_number(${sql}) & CAST(18446744073709551615 AS UHUGEINT) AS UBIGINT) % ${buckets} AS DOUBLE)`,
  wholeAsText: (sql) =>
    `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) <= ${Number.MAX_SAFE_INTEGER} THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) END`,
  textAsNumber: (sql) =>
    `CASE WHEN regexp_matches(${sql}, ${literal(numberPattern)}) AND isfinite(TRY_CAST(${sql} AS DOUBLE)) THEN TRY_CAST(${sql} AS DOUBLE) + 0 END`,
  // Places count from 1, and the text beyond the last is empty. A trim by characters of one's own takes eight times as long as all else, so it is kept for what needs it.
  part: (sql, separator, index) => {
    const part = `split_part(${sql}, ${literal(separator)}, ${index < 0 ? index : index + 1})`
    const white = literal(`^[${spaces}]|[${spaces}]$`)
    return `nullif(CASE WHEN regexp_matches(${part}, ${white}) THEN trim(${part}, ${literal(spaces)}) ELSE ${part} END, '')`
  },
  pick: (numbers, place) => `${list(numbers)}[CAST(${place} AS INTEGER) + 1]`,
  countAtMost: (sql, rising) =>
    `CASE WHEN ${sql} IS NOT NULL THEN CAST(len(list_filter(${list(rising)}, lambda boundary: boundary <= ${sql})) AS DOUBLE) END`,
  sum,
  exactSum: (sql, over) => {
    const [bounded, one] = [`CASE WHEN abs(${sql}) <= ${literal(EXACT)} THEN ${sql} END`, literal(EXACT)]
    const fraction = `trunc((${bounded} - trunc(${bounded})) * ${one})`
    const sum = `${wholeSum(`trunc(${bounded})`, over)} + ${wholeSum(fraction, over)} / ${one}`
    return `CASE WHEN max(abs(${sql})) ${over} <= ${one} THEN ${sum} END`
  },
  // By the order of a window function: a window of quantiles takes quadratic time where values repeat.
  leastAt: (sql, place, over) =>
    `nth_value(${sql}, CASE WHEN ${place} >= 1 AND ${place} <= 2147483647 AND ${place} = trunc(${place}) ` +
    `THEN CAST(${place} AS BIGINT) END ORDER BY ${sql} NULLS LAST) ${over}`,
  sparseProduct,
  present: (which, sql, over) => `${which}_value(${sql} IGNORE NULLS) ${over}`,
}
