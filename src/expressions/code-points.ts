/**
 * Compares two strings by Unicode code points, the order of UTF-8 bytes and of SQL engines.
 *
 * JavaScript's `<` compares halves of characters: it puts U+1F600 before U+FF5E.
 */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)]
    if (one !== other) return afterSurrogates(one) - afterSurrogates(other)
  }
  return left.length - right.length
}

/** Moves the halves of characters from U+10000 on behind all other code units. */
function afterSurrogates(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
