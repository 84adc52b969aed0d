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
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${path} is cut off or damaged (${cause instanceof Error ? cause.message : String(cause)}). Fetch or write it again.`,
      { cause },
    )
  }
}
