import { encodePayload, type RecordWriter } from '../record-log/index.ts'
import type { TableLog } from './table-store.ts'
import type { VectorRow } from './vector-store.ts'

/** Rows, or ids, of a record. */
const BLOCK = 1000

/** What happens to a table, written down. */
export const tableLog = (writer: RecordWriter): TableLog => ({
  upsert: async (rows) => {
    if (rows.length === 0) return
    const blocks = inBlocks(rows)
    // One write: all rows of a call are there afterwards, or none.
    await writer.append(blocks.map((block, at) => rowsPayload(block, at < blocks.length - 1)))
  },
  delete: async (ids) => {
    const blocks = inBlocks(ids)
    if (ids.length > 0)
      await writer.append(
        blocks.map((block, at) =>
          encodePayload({ delete: block, ...(at < blocks.length - 1 && { goesOn: true }) }),
        ),
      )
  },
  close: () => writer.close(),
})

const inBlocks = <Each>(all: readonly Each[]): readonly (readonly Each[])[] =>
  Array.from({ length: Math.ceil(all.length / BLOCK) }, (_, at) => all.slice(at * BLOCK, (at + 1) * BLOCK))

function rowsPayload(rows: readonly VectorRow[], goesOn: boolean): Uint8Array {
  const vectors = Buffer.concat(
    rows.map(({ vector }) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)),
  )
  const names = Object.keys(rows[0]?.attributes ?? {})
  const attributes = Object.fromEntries(
    names.map((name) => [name, rows.map((row) => row.attributes![name]!)]),
  )
  return encodePayload({ upsert: rows.map(({ id }) => id), attributes, ...(goesOn && { goesOn }) }, vectors)
}
