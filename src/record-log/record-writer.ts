import type { FileHandle } from 'node:fs/promises'
import { unwritable } from '../artifact/index.ts'
import { LARGEST, logEnd, recordBytes, type LogEnd, type RecordEnd } from './records.ts'

export interface RecordWriter {
  /** Where the log ends now. */
  readonly end: () => LogEnd
  /** Records of these payloads, all or none; flushed before it resolves. Rejects with `FILE_UNWRITABLE`; a later call may have room again. */
  readonly append: (payloads: readonly Uint8Array[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** What is needed of a file that is open. */
export type RecordFile = Pick<FileHandle, 'write' | 'sync' | 'truncate' | 'close'>

/** Goes on with a file at the end of its whole records. */
export function recordWriter(path: string, file: RecordFile, from: RecordEnd): RecordWriter {
  let { at, digest } = from
  /** Whether a part of a record that failed may lie behind the end. */
  let isTorn = false
  return {
    end: () => logEnd({ at, digest }),
    append: async (payloads) => {
      if (payloads.some(({ length }) => length > LARGEST)) throw unwritable(path, 'a record is too large')
      const next = recordBytes(digest, payloads)
      const { bytes } = next
      try {
        if (isTorn) await file.truncate(at)
        isTorn = true
        let written = 0
        while (written < bytes.length)
          written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten
        await file.sync()
        isTorn = false
      } catch (cause) {
        // What was written of it is not whole, and is taken away: now, or before the next one.
        await file.truncate(at).then(
          () => (isTorn = false),
          () => undefined,
        )
        throw unwritable(path, (cause as Error).message, cause)
      }
      at += bytes.length
      digest = next.digest
    },
    close: () => file.close(),
  }
}
