import type { FileHandle } from 'node:fs/promises'
import { unwritable } from '../artifact/index.ts'
import { encodePayload, logEnd, recordBytes, type LogEnd, type RecordEnd } from './log-records.ts'
import type { TableLog } from './table-store.ts'
import type { VectorRow } from './vector-store.ts'

/** Rows, or ids, of a record. */
const BLOCK = 1000

export interface LogWriter {
  /** Where the log ends now. */
  readonly end: () => LogEnd
  /** Records of these payloads, all or none; flushed before it resolves. Rejects with `FILE_UNWRITABLE`. */
  readonly append: (payloads: readonly Uint8Array[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** Goes on with a file at the end of its whole records. */
export function logWriter(path: string, file: FileHandle, from: RecordEnd): LogWriter {
  let { at, digest } = from
  let isBroken = false
  return {
    end: () => logEnd({ at, digest }),
    append: async (payloads) => {
      if (isBroken) throw unwritable(path, 'an earlier write failed. Open the store again')
      const next = recordBytes(digest, payloads)
      const { bytes } = next
      try {
        let written = 0
        while (written < bytes.length)
          written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten
        await file.sync()
      } catch (cause) {
        // What was written of it is not whole, and is taken away.
        await file.truncate(at).catch(() => {
          isBroken = true
        })
        throw unwritable(path, (cause as Error).message, cause)
      }
      at += bytes.length
      digest = next.digest
    },
    close: () => file.close(),
  }
}

/** What happens to a table, written down. */
export const tableLog = (writer: LogWriter): TableLog => ({
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
