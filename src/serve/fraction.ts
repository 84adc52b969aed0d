/**
 * A number from 0 to below 1 that a text always has, spread evenly: FNV-1a of its UTF-16 units, with the last mixing of MurmurHash3, as FNV
 * alone hardly changes the high bits with the last letter.
 */
export function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
