import { EnsuiteError } from '../errors.ts'
import { stringBytes } from './proto-text-string.ts'

/** A message of protobuf's text format as it is written: what its fields mean is known elsewhere. */
export interface TextMessage {
  readonly kind: 'message'
  readonly fields: readonly TextField[]
  readonly at: number
}
export interface TextField {
  /** Of an extension or an `Any`, with its brackets: `[type.googleapis.com/google.protobuf.Struct]`. */
  readonly name: string
  readonly value: TextValue
  /** Place in the text, for messages. */
  readonly at: number
}
export interface TextString {
  readonly kind: 'string'
  readonly bytes: Uint8Array
  readonly at: number
}
/** A number, a truth value or the name of an enum's value, a sign before it included. */
export interface TextWord {
  readonly kind: 'word'
  readonly word: string
  readonly at: number
}
export type TextValue = TextMessage | TextString | TextWord

/** Messages in each other, at most: what protobuf itself reads. */
const MAX_DEPTH = 100

const SPACE = /[ \t\r\n\v\f]+/y
const COMMENT = /#[^\n]*/y
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const BRACKETED = /\[[ \t\r\n]*[A-Za-z0-9_./%~-]+[ \t\r\n]*\]/y
const WORD = /[A-Za-z0-9_.+-]+/y

/** Makes the error of a place in `text`: `fail(at, 'a name')` says line, column, what was expected and what stands there. */
export function failureIn(where: string, text: string): (at: number, message: string) => EnsuiteError {
  return (at, message) => {
    const before = text.slice(0, at).split('\n')
    return new EnsuiteError(
      'SCHEMA_INVALID',
      `${where}, line ${before.length}, column ${before.at(-1)!.length + 1}: ${message}.`,
    )
  }
}

/**
 * Parses protobuf's text format: comments, `{}` and `<>` messages, lists in brackets, strings that follow each other and
 * their escapes. Throws `SCHEMA_INVALID` with line and column.
 */
export function parseProtoText(where: string, text: string): TextMessage {
  const fail = failureIn(where, text)
  let at = 0

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const skip = (): void => {
    while (take(SPACE) !== undefined || take(COMMENT) !== undefined);
  }
  const takes = (characters: string): string | undefined => {
    skip()
    const character = text[at]
    if (character === undefined || !characters.includes(character)) return undefined
    at++
    return character
  }
  const expected = (what: string): EnsuiteError => {
    skip()
    const found =
      at < text.length ? `'${/^(?:\w+|[^\w])/u.exec(text.slice(at, at + 40))![0]}'` : 'the end of the text'
    return fail(at, `expected ${what}, received ${found}`)
  }

  const fieldsUntil = (close: string | undefined, depth: number): readonly TextField[] => {
    const fields: TextField[] = []
    for (;;) {
      skip()
      if (close === undefined ? at === text.length : takes(close) !== undefined) return fields
      const start = at
      const name = take(NAME) ?? take(BRACKETED)?.replaceAll(/\s/g, '')
      if (name === undefined)
        throw expected(close === undefined ? 'the name of a field' : `the name of a field or '${close}'`)
      for (const value of valuesOf(name, takes(':') !== undefined, depth))
        fields.push({ name, value, at: start })
      takes(',;')
    }
  }

  const valuesOf = (name: string, colon: boolean, depth: number): readonly TextValue[] => {
    if (takes('[') === undefined) return [valueOf(name, colon, depth)]
    const values: TextValue[] = []
    if (takes(']') !== undefined) return values
    do values.push(valueOf(name, colon, depth))
    while (takes(',') !== undefined)
    if (takes(']') === undefined) throw expected("',' or ']'")
    return values
  }

  const valueOf = (name: string, colon: boolean, depth: number): TextValue => {
    const open = takes('{<')
    if (open !== undefined) {
      const start = at - 1
      if (depth === MAX_DEPTH) throw fail(start, `at most ${MAX_DEPTH} messages may lie in each other`)
      return { kind: 'message', fields: fieldsUntil(open === '{' ? '}' : '>', depth + 1), at: start }
    }
    if (!colon) throw expected(`':', '{' or '<' after '${name}'`)
    const start = at
    if (text[at] === '"' || text[at] === "'") return stringOf()
    // A sign may stand apart from its number.
    const sign = takes('-')
    skip()
    const word = take(WORD)
    if (word === undefined) throw expected(`a value of '${name}'`)
    return { kind: 'word', word: `${sign ?? ''}${word}`, at: start }
  }

  const stringOf = (): TextString => {
    const start = at
    const parts: Uint8Array[] = []
    for (;;) {
      const open = at
      at = endOfString(text, open)
      if (at < 0) throw fail(open, 'the string does not end on its line')
      parts.push(stringBytes(text.slice(open, at), (offset, message) => fail(open + offset, message)))
      skip()
      if (text[at] !== '"' && text[at] !== "'")
        return { kind: 'string', bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), at: start }
    }
  }

  return { kind: 'message', fields: fieldsUntil(undefined, 1), at: 0 }
}

/** The place after the closing quote of the string that opens at `open`, or -1. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at]!
    if (character === text[open]) return at + 1
    if (character === '\n') return -1
    if (character === '\\') at++
  }
  return -1
}
