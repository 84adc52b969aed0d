import { RESERVED, UNKNOWN } from '../../codes.ts'
import { checkNumber, checkOptions } from '../../options.ts'
import { numberPattern } from '../dialect.ts'
import { expectInputs, expectKeys, expectOption, fixed, isText } from '../infer.ts'
import { hashBucket, keyText } from '../key.ts'
import { operator, type Operator } from '../operator.ts'
import type { Value } from '../value.ts'

const NUMBER = new RegExp(numberPattern)

/** The number that a text spells, null for any other text. */
export function numberOf(text: string): number | null {
  const number = NUMBER.test(text) ? Number(text) : NaN
  return Number.isFinite(number) ? number + 0 : null
}

/** A whole number as text; null for a fraction, whose spelling would be a matter of taste. */
const wholeText = (value: number): string | null => (Number.isSafeInteger(value) ? String(value) : null)

/** Far above what a text is divided into. */
const FARTHEST = 1_000_000

export const text: readonly Operator[] = [
  operator({
    name: 'toText',
    scope: 'event',
    infer: fixed('toText', ['number'], 'text'),
    sql: ([x], { dialect }) => dialect.wholeAsText(x!),
    evaluate: ([x]) => (x === null ? null : wholeText(x as number)),
  }),
  operator({
    name: 'toNumber',
    scope: 'event',
    infer: fixed('toNumber', ['text'], 'number'),
    sql: ([x], { dialect }) => dialect.textAsNumber(x!),
    evaluate: ([x]) => (x === null ? null : numberOf(x as string)),
  }),
  /** What stands at a place between separators, which are found from the left; trimmed, and missing where nothing is left of it. */
  operator<{ readonly separator: string; readonly index: number }>({
    name: 'part',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('part', options, ['separator', 'index'])
      expectInputs('part', inputs, ['text'])
      const { separator, index } = options
      expectOption('part', isText(separator) && separator !== '', 'a separator is expected', separator)
      checkNumber('part: index', index, { integer: true, min: -FARTHEST, max: FARTHEST })
      return 'text'
    },
    sql: ([x], { dialect, options: { separator, index } }) => dialect.part(x!, separator, index),
    evaluate: ([x], { options: { separator, index } }) => {
      const part = x === null ? undefined : (x as string).split(separator).at(index)?.trim()
      return part === undefined || part === '' ? null : part
    },
  }),
  /**
   * A code from the MD5 of a text, or of several together (NVTabular's HashBucket and HashedCross): 1 where one is missing, else 2 … buckets + 1.
   * Differs: 0 stays padding's own, equal values of a cross do not cancel out, and every engine gives the same code.
   */
  operator<{ readonly buckets: number }>({
    name: 'hashBucket',
    varies: () => true,
    whole: true,
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('hashBucket', options, ['buckets'])
      expectKeys('hashBucket', inputs)
      checkNumber('hashBucket: buckets', options.buckets, { integer: true, min: 1, max: 2 ** 30 })
      return 'number'
    },
    codes: ({ buckets }) => RESERVED + buckets,
    sql: (inputs, { dialect, options }) =>
      `coalesce(${dialect.bucket(keyText(inputs), options.buckets)} + ${RESERVED}, ${UNKNOWN})`,
    evaluate: (inputs: readonly Value[], { options }) =>
      inputs.includes(null) ? UNKNOWN : RESERVED + hashBucket(inputs as readonly string[], options.buckets),
  }),
]
