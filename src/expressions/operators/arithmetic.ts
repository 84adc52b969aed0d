import { checkNumber, checkOptions } from '../../options.ts'
import { expectInputs, expectOption, fixed } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import { ofNumbers } from '../value.ts'

/** A number of two numbers; null where one is missing or the result is not finite, such as x ÷ 0. */
const binary = (name: string, sign: string, compute: (left: number, right: number) => number): Operator =>
  operator({
    name,
    scope: 'event',
    infer: fixed(name, ['number', 'number'], 'number'),
    sql: ([left, right], { dialect }) => dialect.finite(`(${left!} ${sign} ${right!} + 0)`),
    evaluate: (values) => ofNumbers(values, (left, right) => compute(left, right) + 0),
  })

/** What is never above 3.4e38, computed in 64 bits and rounded to 32: the last bit of a double differs between engines, that of a float does not. */
const rounded = (name: string, sql: (x: string) => string, compute: (x: number) => number): Operator =>
  operator({
    name,
    scope: 'event',
    infer: fixed(name, ['number'], 'number'),
    sql: ([x], { dialect }) => dialect.rounded(`(${sql(x!)} + 0)`),
    evaluate: (values) => ofNumbers(values, (x) => Math.fround(compute(x) + 0)),
  })

export const arithmetic: readonly Operator[] = [
  binary('add', '+', (left, right) => left + right),
  binary('subtract', '-', (left, right) => left - right),
  binary('multiply', '*', (left, right) => left * right),
  binary('divide', '/', (left, right) => left / right),
  /** ln(x + 1), NVTabular's LogOp. Differs: null for x ≤ −1, and not −∞ or NaN. */
  rounded(
    'log',
    (x) => `CASE WHEN ${x} > -1 THEN ln(${x} + 1) END`,
    (x) => (x > -1 ? Math.log(x + 1) : NaN),
  ),
  /** √x, which every engine rounds alike; null for x < 0. */
  operator({
    name: 'squareRoot',
    scope: 'event',
    infer: fixed('squareRoot', ['number'], 'number'),
    sql: ([x]) => `CASE WHEN ${x!} >= 0 THEN sqrt(${x!}) END`,
    evaluate: (values) => ofNumbers(values, (x) => (x >= 0 ? Math.sqrt(x) : NaN)),
  }),
  rounded('sine', (x) => `sin(${x})`, Math.sin),
  rounded('cosine', (x) => `cos(${x})`, Math.cos),
  operator({
    name: 'floor',
    scope: 'event',
    infer: fixed('floor', ['number'], 'number'),
    sql: ([x]) => `floor(${x!}) + 0`,
    evaluate: (values) => ofNumbers(values, (x) => Math.floor(x) + 0),
  }),
  operator({
    name: 'absolute',
    scope: 'event',
    infer: fixed('absolute', ['number'], 'number'),
    sql: ([x]) => `abs(${x!})`,
    evaluate: (values) => ofNumbers(values, (x) => Math.abs(x)),
  }),
  operator<{ readonly min?: number; readonly max?: number }>({
    name: 'clip',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('clip', options, ['min', 'max'])
      expectInputs('clip', inputs, ['number'])
      const { min, max } = options
      if (min !== undefined) checkNumber('clip: min', min, {})
      if (max !== undefined) checkNumber('clip: max', max, min === undefined ? {} : { min })
      expectOption('clip', min !== undefined || max !== undefined, 'min or max is expected', options)
      return 'number'
    },
    sql: ([x], { dialect, options: { min, max } }) => {
      const low = min === undefined ? x! : `greatest(${x!}, ${dialect.literal(min)})`
      const cut = max === undefined ? low : `least(${low}, ${dialect.literal(max)})`
      return `CASE WHEN ${x!} IS NOT NULL THEN ${cut} END`
    },
    evaluate: (values, { options: { min = -Infinity, max = Infinity } }) =>
      ofNumbers(values, (x) => Math.min(Math.max(x, min), max) + 0),
  }),
  operator<{ readonly boundaries: readonly number[] }>({
    name: 'bucketize',
    whole: true,
    scope: 'event',
    /** How many of the rising boundaries are at most x: 0 … boundaries. */
    infer: (inputs, options) => {
      checkOptions('bucketize', options, ['boundaries'])
      expectInputs('bucketize', inputs, ['number'])
      const { boundaries } = options
      const rising =
        Array.isArray(boundaries) &&
        boundaries.length > 0 &&
        boundaries.every(
          (each: unknown, at) => Number.isFinite(each) && (at === 0 || boundaries[at - 1]! < boundaries[at]!),
        )
      expectOption('bucketize', rising, 'boundaries are expected to be rising numbers', boundaries)
      return 'number'
    },
    sql: ([x], { dialect, options }) => dialect.countAtMost(x!, options.boundaries),
    evaluate: (values, { options }) =>
      ofNumbers(values, (x) => options.boundaries.filter((boundary) => boundary <= x).length),
  }),
]
