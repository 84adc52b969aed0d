import {
  boundOf,
  type ColumnKind,
  missingCondition,
  parsedText,
  storedKind,
  storedValue,
} from './column-kinds.ts'
import type { Database } from './database.ts'
import { type Moments, momentsOf, momentsSql } from './column-moments.ts'
import type { TableColumn } from './event-table.ts'

/** As many different values are counted; more would take memory and time, column by column. */
export const COUNTED = 100_000

/** The value as text, null where it is empty. */
export const text = ({ expression }: TableColumn): string => `nullif(CAST(${expression} AS VARCHAR), '')`

/** What is compared to count different values: a stored plain value itself, which is faster. */
const compared = (column: TableColumn): string =>
  ['integer', 'float', 'boolean', 'time'].includes(storedKind(column) ?? 'text')
    ? column.expression
    : text(column)

export interface Tried {
  readonly column: TableColumn
  readonly kind: ColumnKind
}

export interface Range {
  readonly kind: ColumnKind
  readonly present: number
  /** Rows whose value is of the kind, and rows that hold a word for no value, where these were looked for. */
  readonly good: number
  readonly words: number
  /** An estimate. */
  readonly distinct: number
  readonly min?: number | bigint | string | undefined
  readonly max?: number | bigint | string | undefined
  readonly moments?: Moments | undefined
}

/** Tries a kind on all rows of each column in one pass: how many keep to it, and their range. */
export async function readRanges(
  database: Database,
  from: string,
  tried: readonly Tried[],
  { words = false }: { readonly words?: boolean } = {},
): Promise<{ readonly events: number; readonly ranges: readonly Range[] }> {
  // A file's own column may be called t0: only these are let through.
  const inner = tried.flatMap(({ column, kind }, index) => {
    const stored = storedKind(column) !== undefined
    return [
      `${compared(column)} AS t${index}`,
      ...(stored ? [`${storedValue(kind, column.expression)} AS v${index}`] : []),
    ]
  })
  const outer = tried.map(({ column, kind }, index) =>
    storedKind(column) === undefined
      ? `t${index}, ${parsedText(kind, `t${index}`)} AS v${index}`
      : `t${index}, v${index}`,
  )
  const aggregates = tried.map(({ column, kind }, index) =>
    [
      `count(t${index}) AS present${index}`,
      // Every text is a text: there is nothing to be parsed, and no range.
      ...(kind === 'text'
        ? []
        : [
            `count(v${index}) AS good${index}`,
            `min(v${index}) AS min${index}`,
            `max(v${index}) AS max${index}`,
          ]),
      ...(kind === 'integer' || kind === 'float' ? momentsSql(`v${index}`, index) : []),
      `approx_count_distinct(t${index}) AS distinct${index}`,
      ...(words && storedKind(column) === undefined
        ? [`count(*) FILTER (WHERE ${missingCondition(`t${index}`)}) AS words${index}`]
        : []),
    ].join(', '),
  )
  const [row] = await database.rows(
    `SELECT count(*) AS events, ${aggregates.join(', ')} FROM (SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${from}))`,
  )
  const number = (name: string): number => Number(row![name] ?? 0)
  return {
    events: number('events'),
    ranges: tried.map(({ kind }, index) => ({
      kind,
      moments: momentsOf(row!, index),
      present: number(`present${index}`),
      good: kind === 'text' ? number(`present${index}`) : number(`good${index}`),
      words: number(`words${index}`),
      distinct: number(`distinct${index}`),
      min: boundOf(kind, row![`min${index}`] ?? 'null'),
      max: boundOf(kind, row![`max${index}`] ?? 'null'),
    })),
  }
}

/** A text column that is not throughout what its first rows promised: perhaps but for words such as `NA`, or something wider. */
export async function readAgain(database: Database, from: string, { column, kind }: Tried): Promise<Range> {
  const kinds = kind === 'integer' ? ([kind, 'float'] as const) : [kind]
  const { ranges } = await readRanges(
    database,
    from,
    kinds.map((each) => ({ column, kind: each })),
    { words: true },
  )
  const found = ranges.find(({ good, words, present }) => good > 0 && good + words === present)
  return (
    found ?? {
      ...ranges[0]!,
      kind: storedKind(column) ?? 'text',
      words: 0,
      min: undefined,
      max: undefined,
      moments: undefined,
    }
  )
}

/** A word for no value is none of the values. */
function distinctValue(column: TableColumn, { words }: Range): string {
  const value = compared(column)
  return words === 0 ? value : `CASE WHEN NOT ${missingCondition(value)} THEN ${value} END`
}

/** Different values of each column, in one pass: counted where the estimate is small, else the estimate. */
export async function countDistinct(
  database: Database,
  from: string,
  columns: readonly TableColumn[],
  ranges: readonly Range[],
): Promise<readonly number[]> {
  const few = columns.flatMap((column, index) =>
    ranges[index]!.distinct <= COUNTED
      ? [{ index, expression: `count(DISTINCT ${distinctValue(column, ranges[index]!)}) AS d${index}` }]
      : [],
  )
  if (few.length === 0) return ranges.map(({ distinct }) => distinct)
  const [row] = await database.rows(
    `SELECT ${few.map(({ expression }) => expression).join(', ')} FROM ${from}`,
  )
  return ranges.map(({ distinct }, index) => Number(row![`d${index}`] ?? distinct))
}
