import type { EnsuiteError } from '../errors.ts'

const ESCAPE = /\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([^]))/g
const CODES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
}

/** The bytes of a string literal of protobuf's text format, quotes included: characters as UTF-8, escapes as bytes. */
export function stringBytes(
  literal: string,
  fail: (offset: number, message: string) => EnsuiteError,
): Uint8Array {
  const inner = literal.slice(1, -1)
  // A character takes at most three bytes for each of its UTF-16 units.
  const bytes = new Uint8Array(3 * inner.length)
  const encoder = new TextEncoder()
  let [length, end] = [0, 0]
  const append = (text: string): void => {
    length += encoder.encodeInto(text, bytes.subarray(length)).written
  }
  for (const match of inner.matchAll(ESCAPE)) {
    const [whole, octal, hexadecimal, short, long, other] = match
    if (match.index > end) append(inner.slice(end, match.index))
    end = match.index + whole.length
    const unicode = short ?? long
    const value =
      unicode !== undefined || hexadecimal !== undefined
        ? Number.parseInt((unicode ?? hexadecimal)!, 16)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Object.hasOwn(CODES, other!)
            ? CODES[other!]!
            : -1
    const isPoint = value <= 0x10ffff && (value < 0xd800 || value > 0xdfff)
    if (value < 0 || (unicode === undefined ? value > 255 : !isPoint))
      throw fail(match.index + 1, `'${whole}' is no escape of protobuf's text format`)
    if (unicode === undefined) bytes[length++] = value
    else append(String.fromCodePoint(value))
  }
  append(inner.slice(end))
  return bytes.slice(0, length)
}

const LETTERS: ReadonlyMap<number, string> = new Map([
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [34, '\\"'],
  [39, "\\'"],
  [92, '\\\\'],
])

/** A string literal in ASCII, as Python's protobuf prints it: other bytes as three octal digits. */
export function stringLiteral(value: string | Uint8Array): string {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  const shown = (byte: number): string =>
    LETTERS.get(byte) ??
    (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`)
  return `"${Array.from(bytes, shown).join('')}"`
}
