import { createHash } from 'node:crypto'

/** One call of `update` takes at most 2³¹ − 1 bytes. */
const CHUNK = 64 * 1024 * 1024

/** SHA-256 of any number of bytes, as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK))
  return hash.digest('hex')
}
