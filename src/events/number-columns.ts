import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBDoubleVector } from '@duckdb/node-api'

/** What the engine's vectors hold inside. Private in its types; a test guards that it stays there. */
interface FlatVector {
  readonly items: Float64Array
  readonly validity: { readonly data: BigUint64Array | null }
}

/** All rows of a query of DOUBLE columns: [rows] of each, NaN where a value is missing. */
export async function readNumbers(
  connection: DuckDBConnection,
  sql: string,
): Promise<readonly Float64Array[]> {
  const result = await connection.stream(sql)
  const { columnCount } = result
  const chunks: Float64Array[][] = []
  let rows = 0
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    rows += chunk.rowCount
    chunks.push(
      Array.from({ length: columnCount }, (_, at) => {
        const vector = chunk.getColumnVector(at)
        if (!(vector instanceof DuckDBDoubleVector))
          throw new TypeError(`A column of numbers is ${String(vector.type)}.`)
        return numbers(vector as unknown as FlatVector, chunk.rowCount)
      }),
    )
  }
  return Array.from({ length: columnCount }, (_, at) => {
    const all = new Float64Array(rows)
    let row = 0
    for (const chunk of chunks) {
      all.set(chunk[at]!, row)
      row += chunk[at]!.length
    }
    return all
  })
}

function numbers({ items, validity: { data } }: FlatVector, rows: number): Float64Array {
  const values = items.slice(0, rows)
  if (data === null) return values
  for (let row = 0; row < rows; row++)
    if ((data[row >> 6]! & (1n << BigInt(row & 63))) === 0n) values[row] = NaN
  return values
}
