import * as e from '../build.ts'
import { node } from '../expression.ts'
import { of, text, x, y, type OperatorRow } from './check-operators.test-support.ts'

const LN_2 = 0.6931471805599453
const LN_10 = 2.302585092994046
const SQRT_HALF = 0.7071067811865476

const pairs = of({
  x: [1, 0.1, -1, null, 1, 1e308, -1e308, '-0'],
  y: [2, 0.2, 0, 1, null, 1e308, 1e308, '-0'],
})

export const arithmeticRows: readonly OperatorRow[] = [
  {
    operator: 'add',
    name: 'missing where a side is, and where it overflows',
    expression: e.add(x, y),
    events: pairs,
    expected: [3, 0.30000000000000004, -1, null, null, null, 0, 0],
  },
  {
    operator: 'add',
    name: 'a constant of many digits is the nearest double',
    expression: e.add(x, 0.012868748716167697),
    events: of({ x: [0] }),
    expected: [0.012868748716167697],
  },
  {
    operator: 'subtract',
    name: 'missing where a side is, and where it overflows',
    expression: e.subtract(x, y),
    events: pairs,
    expected: [-1, -0.1, -1, null, null, 0, null, 0],
  },
  {
    operator: 'subtract',
    name: 'the value before it in the session (difference)',
    builder: 'difference',
    expression: e.difference(x, 2),
    events: of({ x: [1, 2, 4, null, 7, 9], session: ['1', '1', '1', '1', '1', '2'] }),
    expected: [null, null, 3, null, 3, null],
  },
  {
    operator: 'multiply',
    name: 'missing where it overflows, 0 without a sign where it underflows',
    expression: e.multiply(x, y),
    events: of({ x: [1, 0.1, -1, null, 1e200, -1e-200, 3], y: [2, 0.2, 0, 1, 1e200, 1e-200, null] }),
    expected: [2, 0.020000000000000004, 0, null, null, 0, null],
  },
  {
    operator: 'divide',
    name: 'missing where the divisor is 0, and where it overflows',
    expression: e.divide(x, y),
    events: of({
      x: [1, 1, 0, -1, 1, 1e308, 0, null, 1],
      y: [3, 0, 0, '-0', 4, 0.1, -5, 2, null],
    }),
    expected: [0.3333333333333333, null, null, null, 0.25, null, 0, null, null],
  },
  {
    operator: 'floor',
    name: 'towards −∞, 0 without a sign',
    expression: e.floor(x),
    events: of({ x: [2.9, -0.5, -2, 0.5, '-0', 1e308, 4503599627370495.5, null] }),
    expected: [2, -1, -2, 0, 0, 1e308, 4503599627370495, null],
  },
  {
    operator: 'absolute',
    name: 'without the sign',
    expression: e.absolute(x),
    events: of({ x: [2.5, -2.5, '-0', -5e-324, -1e308, null] }),
    expected: [2.5, 2.5, 0, 5e-324, 1e308, null],
  },
  {
    operator: 'log',
    name: 'ln(x + 1) in 32 bits, missing from −1 down',
    expression: e.log(x),
    events: of({ x: [0, 1, 9, -0.5, -1, -1.5, -1e308, 99, '-0', null] }),
    expected: [
      0,
      Math.fround(LN_2),
      Math.fround(LN_10),
      Math.fround(-LN_2),
      ...[null, null, null],
      Math.fround(2 * LN_10),
      ...[0, null],
    ],
  },
  {
    operator: 'log',
    name: 'just above −1',
    expression: e.log(x),
    events: of({ x: [-0.9999999999999999] }),
    // x + 1 is 2⁻⁵³.
    expected: [Math.fround(-53 * LN_2)],
  },
  {
    operator: 'sine',
    name: 'in 32 bits',
    expression: node('sine', [x]),
    events: of({ x: [0, '-0', 1.5707963267948966, -1.5707963267948966, 0.7853981633974483, null] }),
    expected: [0, 0, 1, -1, Math.fround(SQRT_HALF), null],
  },
  {
    operator: 'sine',
    name: 'of a period',
    builder: 'cyclicSine',
    expression: e.cyclicSine(x, 24),
    events: of({ x: [0, 6, 18, 3, 30, null] }),
    expected: [0, 1, -1, Math.fround(SQRT_HALF), 1, null],
  },
  {
    operator: 'cosine',
    name: 'in 32 bits',
    expression: node('cosine', [x]),
    events: of({ x: [0, 3.141592653589793, 0.7853981633974483, 1.0471975511965976, null] }),
    expected: [1, -1, Math.fround(SQRT_HALF), 0.5, null],
  },
  {
    operator: 'clip',
    name: 'to a range',
    expression: e.clip(x, { min: -2.5, max: 7 }),
    events: of({ x: [-3, -2.5, 0, 7, 7.1, 1e308, null] }),
    expected: [-2.5, -2.5, 0, 7, 7, 7, null],
  },
  {
    operator: 'clip',
    name: 'from below alone, to 0 without a sign',
    expression: e.clip(x, { min: -0 }),
    events: of({ x: [-3, 0, 1e308, null] }),
    expected: [0, 0, 1e308, null],
  },
  {
    operator: 'clip',
    name: 'from above alone, to one value',
    expression: e.clip(e.clip(x, { max: 5 }), { min: 5, max: 5 }),
    events: of({ x: [-1e308, 5, 6, null] }),
    expected: [5, 5, 5, null],
  },
  {
    operator: 'clip',
    name: 'the days since a key was first seen, 0 for a new one and before',
    builder: 'recencyDays',
    expression: e.recencyDays(x, text),
    fitOn: of({ x: [1_600_000_000_123, 1_600_100_000_000, null], text: ['a', 'a', 'b'] }),
    events: of({
      x: [
        1_600_043_200_123,
        1_600_000_000_123,
        1_599_000_000_000,
        1_600_086_400_123,
        1_600_086_400_123,
        null,
      ],
      text: ['a', 'a', 'a', 'b', 'c', 'a'],
    }),
    expected: [0.5, 0, 0, 0, 0, 0],
  },
  {
    operator: 'bucketize',
    name: 'a boundary belongs to the bucket above it',
    expression: e.bucketize(x, [0, 10, 10.5]),
    events: of({ x: [-1, '-0', 0, 9.999999999999998, 10, 10.4, 10.5, 1e308, -1e308, null] }),
    expected: [0, 1, 1, 1, 2, 2, 3, 3, 0, null],
  },
  {
    operator: 'bucketize',
    name: 'at a single, extreme boundary',
    expression: e.bucketize(x, [1.7976931348623157e308]),
    events: of({ x: [1.7976931348623155e308, 1.7976931348623157e308] }),
    expected: [0, 1],
  },
  {
    operator: 'cosine',
    name: 'the place on a circle of 24 hours',
    builder: 'cyclicCosine',
    expression: e.cyclicCosine(x, 24),
    events: of({ x: [0, 12, 8, 36, null] }),
    expected: [1, -1, -0.5, -1, null],
  },
]
