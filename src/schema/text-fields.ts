import type { EnsuiteError } from '../errors.ts'
import { exactInteger } from './domain.ts'
import type { TextMessage, TextString, TextValue, TextWord } from './proto-text.ts'

/** Reads the fields of a message by name and type; each throws `SCHEMA_INVALID` with line and column. */
export interface TextFields {
  readonly message: (of: TextMessage, name: string) => TextMessage | undefined
  readonly messages: (of: TextMessage, name: string) => readonly TextMessage[]
  readonly text: (of: TextMessage, name: string) => string | undefined
  readonly texts: (of: TextMessage, name: string) => readonly string[]
  readonly bytes: (of: TextMessage, name: string) => Uint8Array | undefined
  readonly integer: (of: TextMessage, name: string) => number | bigint | undefined
  readonly float: (of: TextMessage, name: string) => number | undefined
  readonly truth: (of: TextMessage, name: string) => boolean | undefined
  readonly word: (of: TextMessage, name: string) => TextWord | undefined
}

const INTEGER = /^-?(?:0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)$/
const FLOAT = /^-?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?)$/
const TRUTH: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  '1': true,
  false: false,
  False: false,
  f: false,
  '0': false,
}

export function textFields(fail: (at: number, message: string) => EnsuiteError): TextFields {
  const all = (of: TextMessage, name: string): readonly TextValue[] =>
    of.fields.filter((field) => field.name === name).map((field) => field.value)
  const one = (of: TextMessage, name: string): TextValue | undefined => {
    const [value, second] = all(of, name)
    if (second !== undefined) throw fail(second.at, `'${name}' is given twice in one message`)
    return value
  }
  const asMessage = (name: string, value: TextValue): TextMessage => {
    if (value.kind !== 'message') throw fail(value.at, `'${name}' expects a message in braces`)
    return value
  }
  const asString = (name: string, value: TextValue): TextString => {
    if (value.kind !== 'string') throw fail(value.at, `'${name}' expects a text in quotes`)
    return value
  }
  const asText = (name: string, value: TextValue): string => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(asString(name, value).bytes)
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause
      throw fail(value.at, `'${name}' expects text in UTF-8`)
    }
  }
  const word = (of: TextMessage, name: string): TextWord | undefined => {
    const value = one(of, name)
    if (value !== undefined && value.kind !== 'word')
      throw fail(value.at, `'${name}' expects a number or a word without quotes`)
    return value
  }
  return {
    message: (of, name) => {
      const value = one(of, name)
      return value === undefined ? undefined : asMessage(name, value)
    },
    messages: (of, name) => all(of, name).map((value) => asMessage(name, value)),
    text: (of, name) => {
      const value = one(of, name)
      return value === undefined ? undefined : asText(name, value)
    },
    texts: (of, name) => all(of, name).map((value) => asText(name, value)),
    bytes: (of, name) => {
      const value = one(of, name)
      return value === undefined ? undefined : asString(name, value).bytes
    },
    integer: (of, name) => {
      const value = word(of, name)
      if (value === undefined) return undefined
      if (!INTEGER.test(value.word) || value.word.length > 40)
        throw fail(value.at, `'${name}' expects a whole number, received '${value.word.slice(0, 40)}'`)
      return exactInteger(wholeNumber(value.word))
    },
    float: (of, name) => {
      const value = word(of, name)
      if (value === undefined) return undefined
      if (!FLOAT.test(value.word))
        throw fail(value.at, `'${name}' expects a finite number, received '${value.word.slice(0, 40)}'`)
      return Number(value.word.replace(/[fF]$/, ''))
    },
    truth: (of, name) => {
      const value = word(of, name)
      if (value === undefined) return undefined
      if (!Object.hasOwn(TRUTH, value.word))
        throw fail(value.at, `'${name}' expects true or false, received '${value.word.slice(0, 40)}'`)
      return TRUTH[value.word]!
    },
    word,
  }
}

function wholeNumber(word: string): bigint {
  const digits = word.replace('-', '')
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return word.startsWith('-') ? -value : value
}
