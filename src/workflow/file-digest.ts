import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

const CHUNK = 1024 * 1024

/** SHA-256 of a file of any size, as 64 hexadecimal digits, and how many bytes it has. Read piece by piece. */
export async function fileDigest(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}
