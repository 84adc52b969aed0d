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
    for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row]! + columns[0]!.getEntryLength(row)
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

function flat(list: DuckDBListVector, offsets: Int32Array, rows: number): ListValues {
  const { items, validity } = list.childVector as unknown as FlatVector
  const total = offsets[rows]!
  const values = new (items.constructor as new (length: number) => ListValues)(total)
  const missing = items instanceof Int32Array ? 1 : NaN
  const { data } = validity
  for (let row = 0; row < rows; row++) {
    const [start, to] = [list.getEntryOffset(row), offsets[row]!]
    const length = list.getEntryLength(row)
    if (length !== offsets[row + 1]! - to)
      throw new EnsuiteError(
        'COLUMN_INVALID',
        `The lists of a session have different lengths (${length} and ${offsets[row + 1]! - to}). Prepare the folder again.`,
      )
    // A loop is faster than views for lists as short as sessions are.
    for (let at = 0; at < length; at++) values[to + at] = items[start + at]!
    if (data === null) continue
    for (let at = start; at < start + length; at++)
      if ((data[at >> 6]! & (1n << BigInt(at & 63))) === 0n) values[to + at - start] = missing
  }
  return values
}
