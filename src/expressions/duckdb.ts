import { numberPattern, type Dialect } from './dialect.ts'
import { EXACT } from './exact-sum.ts'
import type { Value } from './value.ts'

function literal(value: Value): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return textLiteral(value)
  if (typeof value === 'boolean') return String(value)
  return `CAST(${Object.is(value, -0) ? '0' : String(value)} AS DOUBLE)`
}

/** The engine takes its SQL to end at a zero byte. */
function textLiteral(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`
}

const finite = (sql: string): string => `CASE WHEN isfinite(${sql}) THEN ${sql} END`

const list = (numbers: readonly number[]): string => `[${numbers.map((each) => literal(each)).join(', ')}]`

/** A sum of whole numbers of at most 128 bits as the nearest double: the engine's own cast rounds twice, that of a text once. */
const wholeSum = (sql: string, over: string): string =>
  `CAST(CAST(sum(TRY_CAST(${sql} AS HUGEINT)) ${over} AS VARCHAR) AS DOUBLE)`

/** DuckDB 1.5. */
export const duckdb: Dialect = {
  literal,
  types: { number: 'DOUBLE', text: 'VARCHAR', boolean: 'BOOLEAN' },
  finite,
  rounded: (sql) => finite(`CAST(TRY_CAST(${sql} AS FLOAT) AS DOUBLE)`),
  bucket: (sql, buckets) => `CAST(md5_number_upper(${sql}) % ${buckets} AS DOUBLE)`,
  wholeAsText: (sql) =>
    `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) <= ${Number.MAX_SAFE_INTEGER} THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) END`,
  textAsNumber: (sql) =>
    `CASE WHEN regexp_matches(${sql}, ${literal(numberPattern)}) AND isfinite(TRY_CAST(${sql} AS DOUBLE)) THEN TRY_CAST(${sql} AS DOUBLE) + 0 END`,
  pick: (numbers, place) => `${list(numbers)}[CAST(${place} AS INTEGER) + 1]`,
  countAtMost: (sql, rising) =>
    `CASE WHEN ${sql} IS NOT NULL THEN CAST(len(list_filter(${list(rising)}, lambda boundary: boundary <= ${sql})) AS DOUBLE) END`,
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
  present: (which, sql, over) => `${which}_value(${sql} IGNORE NULLS) ${over}`,
}
