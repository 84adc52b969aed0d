import { md5 } from '@noble/hashes/legacy'

/** Between the parts of a key; a part that holds it could be taken for two, so it is doubled there. */
const SEPARATOR = '\u001f'

/** Several texts as one, no two lists of one length as the same. */
export const keyOf = (parts: readonly string[]): string =>
  parts.length === 1
    ? parts[0]!
    : parts.map((part) => part.replaceAll(SEPARATOR, SEPARATOR + SEPARATOR)).join(`${SEPARATOR}|`)

/** `keyOf` in SQL; null where a part is null. */
export const keyText = (parts: readonly string[]): string =>
  parts.length === 1
    ? parts[0]!
    : `(${parts.map((part) => `replace(${part}, chr(31), chr(31) || chr(31))`).join(" || chr(31) || '|' || ")})`

/** The first 8 bytes of the key's MD5, little-endian, modulo `buckets`: a Dialect's `bucket`. */
export function hashBucket(parts: readonly string[], buckets: number): number {
  const bytes = md5(new TextEncoder().encode(keyOf(parts)))
  const first = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  return Number(first % BigInt(buckets))
}
