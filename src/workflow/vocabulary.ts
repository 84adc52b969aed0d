import { PADDING, RESERVED, UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { operatorOf, type Expression, type State } from '../expressions/index.ts'

/** Raw values and their codes: 0 is padding, 1 any unknown or missing value, then the known values. */
export interface Vocabulary {
  /** Number of codes, the reserved ones and those of buckets included. */
  readonly size: number
  /** The known values in the order of their codes; those of several columns as `keyName` writes them. */
  readonly values: readonly string[]
  /** How often each value was in the events that were learnt from: [values]; 0 for values that were given. */
  readonly counts: readonly number[]
  /** The code of a raw value, `UNKNOWN` if it is not known. */
  encode(raw: string): number
  /** The raw value of a code. Throws `OPTION_INVALID` for a code that stands for no single value. */
  decode(code: number): string
}

/** Whether what an expression gives is the code of a known value. */
export function hasVocabulary({ op }: Expression): boolean {
  const operator = operatorOf(op)
  return operator.scope === 'event' && operator.codes !== undefined && operator.fit !== undefined
}

/** One text for a key: values of several columns joined by ' & ', or as JSON where that could be another key. */
export const keyName = (key: readonly string[]): string =>
  key.length > 1 && (key.some((part) => part.includes('&')) || key[0]!.startsWith('['))
    ? JSON.stringify(key)
    : key.join(' & ')

/** The vocabulary in the state of an expression that has one; `first`: the code of its first value. */
export function vocabularyOf({ keys, columns }: State, first: number): Vocabulary {
  const values = keys.map(keyName)
  let codes: ReadonlyMap<string, number> | undefined
  return Object.freeze({
    size: values.length + first,
    values,
    counts: columns['count'] as readonly number[],
    encode: (raw: string) => {
      codes ??= new Map(values.map((value, index) => [value, index + first]))
      return codes.get(raw) ?? UNKNOWN
    },
    decode: (code: number) => {
      const value = values[code - first]
      if (value !== undefined) return value
      const is =
        code === PADDING
          ? ' (padding)'
          : code === UNKNOWN
            ? ' (unknown)'
            : code >= RESERVED && code < first
              ? ' (a bucket of unknown values)'
              : ''
      throw new EnsuiteError(
        'OPTION_INVALID',
        `decode expects a code from ${first} to ${values.length + first - 1}, received ${String(code)}${is}.`,
      )
    },
  })
}
