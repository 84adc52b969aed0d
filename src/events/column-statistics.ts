import { EnsuiteError } from '../errors.ts'
import { checkSource, checkTextOptions } from './check-source.ts'
import { settled } from '../settled.ts'
import { columnException, type ColumnException } from './column-exceptions.ts'
import { candidateKind, type ColumnKind, isMissingWord, storedKind } from './column-kinds.ts'
import { COUNTED, countDistinct, type Range, readAgain, readRanges, text } from './column-ranges.ts'
import { type Database, withDatabase } from './database.ts'
import type { EventSource } from './event-source.ts'
import type { EventTable, TableColumn } from './event-table.ts'
import { findFiles } from './find-files.ts'
import { readable, packedOf, verifyAll } from './load-events.ts'
import { openTable } from './open-table.ts'

/** What all rows of a column say together, and its first values. */
export interface ColumnStatistics {
  readonly name: string
  /** DuckDB's type; `VARCHAR` for all that text files hold. */
  readonly type: string
  /** What every value is, words for "no value" aside. */
  readonly kind: ColumnKind
  /** Rows without a value: empty, null or, where all others are numbers or times, a word such as `NA`. */
  readonly missing: number
  /** Different values: counted up to about a hundred thousand, estimated beyond, to some ten per cent. */
  readonly distinct: number
  readonly distinctIsEstimate: boolean
  /** Of numbers; beyond ±2⁵³ a bigint. Of times, ISO text. Of lists, the range of their lengths. */
  readonly min?: number | bigint | string
  readonly max?: number | bigint | string
  /** Of number columns, in 64 bits; missing where a number is infinite, NaN or beyond ±1e140. */
  readonly mean?: number
  /** Of number columns of two values or more: of a sample, that is with n − 1. */
  readonly deviation?: number
  /** The values of the first rows as text, cut to 100 characters; null where there is none. */
  readonly sample: readonly (string | null)[]
  /** Of texts that are numbers or times but for a few. */
  readonly exception?: ColumnException
}

export interface EventStatistics {
  readonly events: number
  readonly columns: readonly ColumnStatistics[]
}

const SAMPLE_ROWS = 20_000
const SAMPLE_CHARACTERS = 100

/**
 * Reads every column of a source in two passes, without loading it: what its values are, how many, which range.
 *
 * A column without a name, such as an index, is left out.
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FORMAT_UNKNOWN`, `COLUMN_INVALID` for two columns of one name, `EVENTS_EMPTY`,
 * `OPTION_UNKNOWN`, `OPTION_INVALID`.
 */
export async function columnStatistics(source: EventSource): Promise<EventStatistics> {
  checkSource(source)
  const found = await findFiles(source)
  checkTextOptions(source, found.format)
  return withDatabase(found.files, async (database) => {
    const table = await readable(found, () => openTable(database, found, source, []))
    const columns = table.columns.filter(({ name }) => name !== '')
    checkNames(table, columns)
    return readable(table, async () => {
      // A file that is cut off is the cause of whatever is said of its last line: it is reported first.
      const [, read] = await settled([verifyAll(packedOf(table.files)), readAll(database, table, columns)])
      return read
    })
  })
}

function checkNames(table: EventTable, columns: readonly TableColumn[]): void {
  const twice = columns.find(({ name }, index) => columns.findIndex((other) => other.name === name) !== index)
  if (twice === undefined) return
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `Two columns of ${table.files[0]!} are called '${twice.name}'. Rename one.`,
  )
}

async function readAll(
  database: Database,
  table: EventTable,
  columns: readonly TableColumn[],
): Promise<EventStatistics> {
  const samples = await readSamples(database, table, columns)
  const from = table.from(table.files)
  const tried = columns.map((column, index) => ({
    column,
    kind: storedKind(column) ?? candidateKind(samples[index]!),
  }))
  const first = await readRanges(database, from, tried)
  const events = first.events
  if (events === 0)
    throw new EnsuiteError('EVENTS_EMPTY', `${table.files.join(', ')} holds no events: there is no row.`)
  const ranges: Range[] = []
  for (const [index, range] of first.ranges.entries())
    ranges.push(range.good === range.present ? range : await readAgain(database, from, tried[index]!))
  const exceptions: (ColumnException | undefined)[] = []
  for (const [index, { kind, present }] of ranges.entries())
    exceptions.push(
      kind === 'text' && storedKind(columns[index]!) === undefined
        ? await columnException(database, from, { column: columns[index]!, sample: samples[index]!, present })
        : undefined,
    )
  const distinct = await countDistinct(database, from, columns, ranges)
  return {
    events,
    columns: columns.map(({ name, type }, index) => {
      const { kind, present, words, min, max, moments } = ranges[index]!
      const sample = samples[index]!
      return {
        name,
        type,
        kind,
        missing: events - present + words,
        distinct: distinct[index]!,
        distinctIsEstimate: ranges[index]!.distinct > COUNTED,
        ...(min === undefined || max === undefined ? {} : { min, max }),
        ...moments,
        ...(exceptions[index] && { exception: exceptions[index] }),
        sample:
          words === 0
            ? sample
            : sample.map((value) => (value === null || isMissingWord(value) ? null : value)),
      }
    }),
  }
}

async function readSamples(
  database: Database,
  table: EventTable,
  columns: readonly TableColumn[],
): Promise<readonly (readonly (string | null)[])[]> {
  const values = columns.map((column, index) => `left(${text(column)}, ${SAMPLE_CHARACTERS}) AS s${index}`)
  const lists = columns.map(
    (_, index) => `CAST(to_json(list(s${index} ORDER BY place)) AS VARCHAR) AS s${index}`,
  )
  const [row] = await database.rows(
    `SELECT ${lists.join(', ')} FROM (SELECT row_number() OVER () AS place, * FROM ` +
      `(SELECT ${values.join(', ')} FROM ${table.from(table.files)} LIMIT ${SAMPLE_ROWS}))`,
  )
  return columns.map((_, index) => (JSON.parse(row![`s${index}`]!) ?? []) as readonly (string | null)[])
}
