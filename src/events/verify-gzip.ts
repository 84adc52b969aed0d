import { createReadStream } from 'node:fs'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { EnsuiteError } from '../errors.ts'

/**
 * Unpacks a gzip file to nowhere, which compares its checksum. Throws `FILE_UNREADABLE` if it is damaged or cut off.
 *
 * DuckDB does not: of a file that is cut off it returns the rows so far, without a word.
 */
export async function verifyGzip(path: string): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 18 }),
      createGunzip({ chunkSize: 1 << 18 }),
      nowhere,
    )
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      reason === 'incorrect header check'
        ? `${path} ends in .gz but holds no gzip data. Rename it, or fetch it again.`
        : `${path} is cut off or damaged (${reason}). Fetch or write it again.`,
      { cause },
    )
  }
}
