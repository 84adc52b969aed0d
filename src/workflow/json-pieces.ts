/** Elements of a long list that are spelled at once. */
const BLOCK = 10_000
/** Letters of a piece, about. */
const PIECE = 1 << 18

/** What `JSON.stringify` writes of plain data, in pieces: a vocabulary of millions is as large again as text, and larger as the bytes of a file. */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = ''
  for (const part of parts(value)) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

function* parts(value: unknown): Generator<string> {
  if (Array.isArray(value) && value.length > BLOCK) {
    for (let at = 0; at < value.length; at += BLOCK)
      yield (at === 0 ? '[' : ',') + JSON.stringify(value.slice(at, at + BLOCK)).slice(1, -1)
    yield ']'
  } else if (Array.isArray(value)) {
    let before = '['
    for (const each of value as readonly unknown[]) {
      yield before
      yield* parts(each)
      before = ','
    }
    yield before === '[' ? '[]' : ']'
  } else if (typeof value === 'object' && value !== null) {
    let before = '{'
    for (const [name, each] of Object.entries(value)) {
      if (each === undefined) continue
      yield `${before}${JSON.stringify(name)}:`
      yield* parts(each)
      before = ','
    }
    yield before === '{' ? '{}' : '}'
  } else yield JSON.stringify(value)
}
