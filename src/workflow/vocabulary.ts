import { PADDING, RESERVED, UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { State } from '../expressions/index.ts'

/** Raw values and their codes: 0 is padding, 1 any unknown or missing value, then the known values. */
export interface Vocabulary {
  /** Number of codes, the reserved ones and those of buckets included. */
  readonly size: number
  /** The known values in the order of their codes; several columns' values are joined by ' & '. */
  readonly values: readonly string[]
  /** How often each value was in the events that were learnt from: [values]; 0 for values that were given. */
  readonly counts: readonly number[]
  /** The code of a raw value, `UNKNOWN` if it is not known. */
  encode(raw: string): number
  /** The raw value of a code. Throws `OPTION_INVALID` for a code that stands for no single value. */
  decode(code: number): string
}

/** The vocabulary in the state of a `categorify`; `first`: the code of its first value. */
export function vocabularyOf({ keys, columns }: State, first: number): Vocabulary {
  const values = keys.map((key) => key.join(' & '))
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
