import { PADDING, RESERVED, UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import { compareCodePoints } from '../expressions/code-points.ts'

/** Raw values and their codes: 0 is padding, 1 any unknown or missing value, then the known values. */
export interface Vocabulary {
  /** Number of codes, the two reserved ones included. */
  readonly size: number
  /** The known values: `values[j]` has the code `j + RESERVED`. */
  readonly values: readonly string[]
  /** How often each value was in the data that the vocabulary was fitted on: [values]. */
  readonly counts: readonly number[]
  /** The code of a raw value, `UNKNOWN` if it is not known or empty. */
  encode(raw: string): number
  /** The raw value of a code. Throws `OPTION_INVALID` for a reserved code or one outside the vocabulary. */
  decode(code: number): string
}

/** The vocabulary of these values, in the order of their codes. The values must be distinct and not empty. */
export function createVocabulary(values: readonly string[], counts: readonly number[]): Vocabulary {
  const codes = new Map(values.map((value, index) => [value, index + RESERVED]))
  return Object.freeze({
    size: values.length + RESERVED,
    values,
    counts,
    encode: (raw: string) => codes.get(raw) ?? UNKNOWN,
    decode: (code: number) => {
      const value = values[code - RESERVED]
      if (value !== undefined) return value
      const reserved = code === PADDING ? ' (padding)' : code === UNKNOWN ? ' (unknown)' : ''
      throw new EnsuiteError(
        'OPTION_INVALID',
        `decode expects a code from ${RESERVED} to ${values.length + RESERVED - 1}, received ${String(code)}${reserved}.`,
      )
    },
  })
}

/**
 * Fits a vocabulary on a dictionary-encoded column: values by falling count, equal counts by ascending value.
 *
 * `codes`: index into `values` of each event, −1 where missing: [events]. Values with fewer than `minCount` events
 * stay unknown. The result depends on the values and their counts only, not on the order of the events.
 */
export function fitVocabulary(
  column: { readonly values: readonly string[]; readonly codes: Int32Array },
  { minCount }: { readonly minCount: number },
): Vocabulary {
  checkNumber('minCount', minCount, { integer: true, min: 1 })
  const counts = new Float64Array(column.values.length)
  for (const code of column.codes) if (code >= 0) counts[code]! += 1
  const kept = [...column.values.keys()]
    .filter((index) => counts[index]! >= minCount)
    .sort(
      (left, right) =>
        counts[right]! - counts[left]! || compareCodePoints(column.values[left]!, column.values[right]!),
    )
  return createVocabulary(
    Object.freeze(kept.map((index) => column.values[index]!)),
    Object.freeze(kept.map((index) => counts[index]!)),
  )
}
