import type { ListChunk, ListValues } from '../events/list-columns.ts'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber } from '../options.ts'
import type { FeatureType } from './feature-types.ts'

export interface PaddingOptions {
  /** Events a row. Of longer sessions the latest ones are in it. */
  readonly length: number
  /** Where a shorter session is filled up. Default 'end'. */
  readonly side?: 'end' | 'start'
  /** What it is filled up with: a whole number where a feature is one. Default 0, the code of padding. */
  readonly value?: number
}

/** Sessions as a matrix a feature. */
export interface PaddedSessions {
  readonly rows: number
  /** Events of each session, those that are not in its row counted, too: [rows]. */
  readonly lengths: Int32Array
  /** A feature each, in the order in which they were named: [rows × length], row by row. A missing number is NaN, a missing code 1 (`UNKNOWN`). */
  readonly values: readonly ListValues[]
}

/** Throws `OPTION_INVALID`. `types`: of the features that are read. */
export function checkPadding(options: PaddingOptions, types: readonly FeatureType[]): void {
  const { length, side = 'end', value = 0 } = options
  checkNumber('readPadded: length', length, { integer: true, min: 1 })
  checkChoice('readPadded: side', side, ['end', 'start'])
  checkNumber(
    'readPadded: value',
    value,
    types.includes('int32') ? { integer: true, min: -(2 ** 31), max: 2 ** 31 - 1 } : {},
  )
}

/** Lists as rows of one length. Throws `MEMORY_FULL` where no array can hold them. */
export function paddedSessions(
  chunks: readonly ListChunk[],
  columns: number,
  { length, side = 'end', value = 0 }: PaddingOptions,
): PaddedSessions {
  const rows = chunks.reduce((all, chunk) => all + chunk.rows, 0)
  const lengths = new Int32Array(rows)
  const matrices = Array.from({ length: columns }, (_, column) =>
    matrix(chunks[0]?.values[column] ?? new Float32Array(0), rows * length, value),
  )
  let first = 0
  for (const { rows: here, offsets, values } of chunks) {
    for (let row = 0; row < here; row++) {
      const end = offsets[row + 1]!
      lengths[first + row] = end - offsets[row]!
      const start = Math.max(offsets[row]!, end - length)
      const to = (first + row) * length + (side === 'end' ? 0 : length - (end - start))
      for (let column = 0; column < columns; column++) {
        const [from, into] = [values[column]!, matrices[column]!]
        // A loop is faster than views for lists as short as sessions are.
        for (let at = start; at < end; at++) into[to + at - start] = from[at]!
      }
    }
    first += here
  }
  return { rows, lengths, values: matrices }
}

function matrix(like: ListValues, size: number, value: number): ListValues {
  try {
    const made = new (like.constructor as new (length: number) => ListValues)(size)
    return value === 0 ? made : made.fill(value)
  } catch (cause) {
    throw new EnsuiteError(
      'MEMORY_FULL',
      `readPadded needs ${size} numbers a feature, more than an array can hold here. Read fewer files at a time, or give a smaller length.`,
      { cause },
    )
  }
}
