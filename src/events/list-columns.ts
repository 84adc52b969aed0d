import type { DuckDBConnection, DuckDBVector } from '@duckdb/node-api'
import { DuckDBListVector } from '@duckdb/node-api'
import { EnsuiteError } from '../errors.ts'

export type ListValues = Int32Array | Float32Array | Float64Array

/** Some rows of lists: row `i` of every column holds the values from `offsets[i]` up to `offsets[i + 1]`. */
export interface ListChunk {
  readonly rows: number
  readonly offsets: Int32Array
  /** A column each, in the order of the query. A missing number is NaN, a missing code 1 (`UNKNOWN`). */
  readonly values: readonly ListValues[]
}

/** What the engine's vectors hold inside. Private in its types; a test guards that it stays there. */
interface FlatVector {
  readonly items: ListValues
  readonly validity: { readonly data: BigUint64Array | null }
}
interface ListEntries {
  readonly entryData: BigUint64Array
}

/**
 * Streams a query of list columns (INTEGER[], FLOAT[] or DOUBLE[], all lists of a row of one length) as typed arrays, a chunk of some thousand rows at a time.
 * Some twenty million values a second, which going through JavaScript values is forty times short of.
 */
export async function streamLists(
  connection: DuckDBConnection,
  sql: string,
  visit: (chunk: ListChunk) => void | Promise<void>,
): Promise<void> {
  const result = await connection.stream(sql)
  const { columnCount } = result
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return
    const rows = chunk.rowCount
    const columns = Array.from({ length: columnCount }, (_, at) => listVector(chunk.getColumnVector(at)))
    const offsets = new Int32Array(rows + 1)
    const first = entriesOf(columns[0]!)
    for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row]! + first[LENGTH + STRIDE * row]!
    await visit({ rows, offsets, values: columns.map((column) => flat(column, offsets, rows)) })
  }
}

function listVector(vector: DuckDBVector): DuckDBListVector {
  if (vector instanceof DuckDBListVector) return vector
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `A column of sessions holds ${String(vector.type)}; a list of numbers is expected. Prepare the folder again.`,
  )
}

/** Where the lists of a vector are: of each its start and its length, 64 bits each, of which the lower 32 are enough and need no BigInt. */
function entriesOf(list: DuckDBListVector): Uint32Array {
  const { buffer, byteOffset, length } = (list as unknown as ListEntries).entryData
  return new Uint32Array(buffer, byteOffset, length * 2)
}
const STRIDE = 4
const LENGTH = 2

function flat(list: DuckDBListVector, offsets: Int32Array, rows: number): ListValues {
  const { items, validity } = list.childVector as unknown as FlatVector
  const entries = entriesOf(list)
  const total = offsets[rows]!
  let together = items.length >= total
  for (let row = 0; row < rows; row++) {
    const length = entries[LENGTH + STRIDE * row]!
    const expected = offsets[row + 1]! - offsets[row]!
    if (length !== expected)
      throw new EnsuiteError(
        'COLUMN_INVALID',
        `The lists of a session have different lengths (${length} and ${expected}). Prepare the folder again.`,
      )
    together &&= entries[STRIDE * row] === offsets[row]
  }
  const missing = missingOf(items, validity.data)
  // Lists mostly lie one behind the other, in memory that is already a copy of the engine's.
  if (together) return missing.subarray(0, total)
  const values = new (items.constructor as new (length: number) => ListValues)(total)
  for (let row = 0; row < rows; row++) {
    const [start, to] = [entries[STRIDE * row]!, offsets[row]!]
    const length = offsets[row + 1]! - to
    // A loop is faster than views for lists as short as sessions are.
    for (let at = 0; at < length; at++) values[to + at] = missing[start + at]!
  }
  return values
}

/** Puts what stands for a missing value where there is none. */
function missingOf(items: ListValues, validity: BigUint64Array | null): ListValues {
  if (validity === null) return items
  const bytes = new Uint8Array(validity.buffer, validity.byteOffset, validity.byteLength)
  const missing = items instanceof Int32Array ? 1 : NaN
  for (let at = 0; at < items.length; at++) if (((bytes[at >> 3]! >> (at & 7)) & 1) === 0) items[at] = missing
  return items
}
