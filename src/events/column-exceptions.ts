import { type ColumnKind, isMissingWord, matchesKind, missingCondition, parsedText } from './column-kinds.ts'
import { text } from './column-ranges.ts'
import type { Database } from './database.ts'
import type { TableColumn } from './event-table.ts'

/** What nearly every value of a column of text is, and the first that is not. */
export interface ColumnException {
  readonly kind: ColumnKind
  /** Rows that hold another value; words for no value aside. */
  readonly rows: number
  /** The first of them, from 1, and what it holds, cut to 100 characters. */
  readonly row: number
  readonly value: string
}

const NEARLY = 0.9
const CHARACTERS = 100

/** The kind that nearly all texts of a sample are. */
function nearlyKind(sample: readonly (string | null)[]): ColumnKind | undefined {
  const values = sample.filter((value) => value !== null && !isMissingWord(value)) as readonly string[]
  const kinds = ['integer', 'float', 'time'] as const
  return kinds.find(
    (kind) =>
      values.length > 0 &&
      values.filter((value) => matchesKind(kind, value)).length >= NEARLY * values.length,
  )
}

/** Reads what spoils a column of text whose sample is nearly all numbers or times. Undefined for other columns. */
export async function columnException(
  database: Database,
  from: string,
  {
    column,
    sample,
    present,
  }: { readonly column: TableColumn; readonly sample: readonly (string | null)[]; readonly present: number },
): Promise<ColumnException | undefined> {
  const kind = nearlyKind(sample)
  if (kind === undefined) return undefined
  const other = `t IS NOT NULL AND NOT (${missingCondition('t')}) AND (${parsedText(kind, 't')}) IS NULL`
  const [found] = await database.rows(
    `SELECT count(*) AS rows, min(place) AS place, left(arg_min(t, place), ${CHARACTERS}) AS value FROM ` +
      `(SELECT row_number() OVER () AS place, ${text(column)} AS t FROM ${from}) WHERE ${other}`,
  )
  const rows = Number(found!['rows'])
  return rows === 0 || rows > (1 - NEARLY) * present
    ? undefined
    : { kind, rows, row: Number(found!['place']), value: found!['value']! }
}
