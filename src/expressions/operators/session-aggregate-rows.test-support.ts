import * as e from '../build.ts'
import { node } from '../expression.ts'
import { flag, of, text, x, y, type OperatorRow } from './check-operators.test-support.ts'

/** Two sessions, one within the other. */
const session = ['1', '1', '2', '1', '2', '1']
const BOUND = 2 ** 90

export const sessionAggregateRows: readonly OperatorRow[] = [
  {
    operator: 'sessionCount',
    name: 'of values that are there, from 0',
    expression: e.sessionCount(text),
    events: of({ session, text: [null, 'a', 'b', 'a', null, ''] }),
    expected: [0, 1, 1, 2, 1, 2],
  },
  {
    operator: 'sessionCount',
    name: 'of events',
    expression: e.sessionCount(),
    events: of({ session, x: [1, null, 1, 1, null, 1] }),
    expected: [1, 2, 1, 3, 2, 4],
  },
  {
    operator: 'sessionCount',
    name: 'of different texts, by their code points',
    builder: 'sessionDistinct',
    expression: e.sessionDistinct(text),
    events: of({ session, text: ['\u00e9', 'e\u0301', 'a', '\u00e9', null, '\u{1f600}'] }),
    expected: [1, 2, 1, 2, 1, 3],
  },
  {
    operator: 'sessionCount',
    name: 'of different truth values and numbers',
    expression: e.add(e.multiply(e.sessionDistinct(flag), 10), e.sessionDistinct(x)),
    events: of({ flag: [null, true, true, false], x: [0, '-0', null, 1] }),
    expected: [1, 11, 11, 22],
  },
  {
    operator: 'sessionSum',
    name: 'of what is there; missing before the first value',
    expression: e.sessionSum(x),
    events: of({ session, x: [null, 1, 10, 2.5, null, '-3.5'] }),
    expected: [null, 1, 10, 3.5, 10, 0],
  },
  {
    operator: 'sessionSum',
    name: 'exact: what is small is not lost beside what is large, and the nearest double at last',
    expression: e.sessionSum(x),
    events: of({ x: [1e18, 1, -1e18, 0.1, 0.2, 0.7, 2 ** 60, -(2 ** 60)] }),
    // Added one by one as doubles, 1e18 + 1 − 1e18 is 0.
    expected: [1e18, 1e18, 1, 1.1, 1.3, 2, 2 ** 60, 2],
  },
  {
    operator: 'sessionSum',
    name: 'of the bound itself, and missing for good after what is beyond',
    expression: e.sessionSum(x),
    events: of({
      session: ['1', '1', '1', '1', '2', '2', '3', '3', '3'],
      x: [BOUND, BOUND, -BOUND, null, 1e308, 1, 1, BOUND * 1.0000001, 1],
    }),
    expected: [BOUND, 2 * BOUND, BOUND, BOUND, null, null, 1, null, null],
  },
  {
    operator: 'sessionSum',
    name: 'what is below 2⁻⁹⁰ is dropped',
    expression: e.sessionSum(x),
    events: of({ x: [5e-324, 2 ** -91, 2 ** -90, -1e-300] }),
    expected: [0, 0, 2 ** -90, 2 ** -90],
  },
  {
    operator: 'sessionSum',
    name: 'whole numbers beyond 2⁵³, rounded once',
    expression: e.sessionSum(x),
    // Doubles are 2¹² apart here: a half of that goes to the even one, a little more goes up.
    events: of({ x: [2 ** 64, 2 ** 11, 1, 2 ** 11 - 1] }),
    expected: [2 ** 64, 2 ** 64, 2 ** 64 + 2 ** 12, 2 ** 64 + 2 ** 12],
  },
  {
    operator: 'sessionSum',
    name: 'of a value that is the same for all',
    expression: e.sessionSum(e.fillMissing(y, 0.5)),
    events: of({ session, x: [1, 1, 1, 1, 1, 1] }),
    expected: [0.5, 1, 0.5, 1.5, 1, 2],
  },
  {
    operator: 'sessionSum',
    name: 'mean: of what is there',
    builder: 'sessionMean',
    expression: e.sessionMean(x),
    events: of({ session, x: [null, 1, 10, 2, null, 6] }),
    expected: [null, 1, 10, 1.5, 10, 3],
  },
  {
    operator: 'sessionMin',
    name: 'of what is there',
    expression: e.sessionMin(x),
    events: of({ session, x: [null, 3, 1e308, -1.5, -1e308, 7] }),
    expected: [null, 3, 1e308, -1.5, -1e308, -1.5],
  },
  {
    operator: 'sessionMax',
    name: 'of what is there',
    expression: e.sessionMax(x),
    events: of({ session, x: [null, '-0', -1e308, -1.5, null, 7] }),
    expected: [null, 0, -1e308, 0, -1e308, 7],
  },
  {
    operator: 'sessionLeast',
    name: 'by the place at hand; missing for a place that is none',
    expression: node('sessionLeast', [x, y]),
    events: of({
      x: [5, 3, null, 5, -1, 4, 9, 9, 9],
      y: [1, 2, 3, 3, 1, 3, 1.5, 0, 1e308],
    }),
    expected: [5, 5, null, 5, -1, 4, null, null, null],
  },
  {
    operator: 'sessionLeast',
    name: 'negative and missing places',
    expression: node('sessionLeast', [x, y]),
    events: of({ session, x: [1, 2, 3, 4, 5, 6], y: [-1, null, '-0', 3, 2, 4] }),
    expected: [null, null, null, 4, 5, 6],
  },
  {
    operator: 'sessionLeast',
    name: 'median: of odd and even numbers of values, with repetitions',
    builder: 'sessionMedian',
    expression: e.sessionMedian(x),
    events: of({ session: [...session, '1', '1'], x: [null, 4, 7, 1, null, 1, 1, 9] }),
    expected: [null, 4, 7, 2.5, 7, 1, 1, 1],
  },
  {
    operator: 'sessionLeast',
    name: 'median: of numbers whose sum overflows',
    builder: 'sessionMedian',
    expression: e.sessionMedian(x),
    events: of({ x: [1.5e308, 1.5e308, -1.5e308, -1.5e308] }),
    expected: [1.5e308, 1.5e308, 1.5e308, 0],
  },
  {
    operator: 'firstPresent',
    name: 'missing until there is one',
    expression: e.firstPresent(text),
    events: of({ session, text: [null, 'b', null, 'c', '\u{1f600}', null] }),
    expected: [null, 'b', null, 'b', '\u{1f600}', 'b'],
  },
  {
    operator: 'firstPresent',
    name: 'of truth values and of numbers',
    expression: e.choose(e.firstPresent(flag), e.firstPresent(x), -1),
    events: of({ flag: [null, true, false, false], x: [7, null, 8, null] }),
    expected: [-1, 7, 7, 7],
  },
  {
    operator: 'lastPresent',
    name: 'the value, or what it was before',
    expression: e.lastPresent(x),
    events: of({ session, x: [null, 3, null, null, 5, 4] }),
    expected: [null, 3, null, 3, 5, 4],
  },
  {
    operator: 'squareRoot',
    name: 'correctly rounded; missing below 0',
    expression: e.squareRoot(x),
    events: of({ x: [9, 2, 0, '-0', -1e-300, 1e308, 5e-324, null] }),
    expected: [3, Math.SQRT2, 0, 0, null, 1e154, Math.sqrt(5e-324), null],
  },
  {
    operator: 'squareRoot',
    name: 'deviation: of two values or more',
    builder: 'sessionDeviation',
    expression: e.sessionDeviation(x),
    events: of({ session, x: [2, null, 1, 4, 1, 9] }),
    // 2, 4, 9: mean 5, squares 9 + 1 + 16, by 2.
    expected: [null, null, null, Math.SQRT2, 0, Math.sqrt(13)],
  },
  {
    operator: 'sessionSum',
    name: 'variance: sound far from 0',
    builder: 'sessionVariance',
    expression: e.sessionVariance(x),
    events: of({ x: [1_600_000_000_000, 1_600_000_000_002, null, 1_600_000_000_004] }),
    expected: [null, 2, 2, 4],
  },
  {
    operator: 'sessionSum',
    name: 'variance: missing after numbers beyond its bounds, and 0 where nothing differs',
    builder: 'sessionVariance',
    expression: e.sessionVariance(x),
    events: of({
      session: ['1', '1', '1', '2', '2', '2', '3', '3', '4', '4', '4'],
      x: [0.1, 0.1, 0.1, 0, 2 ** 46, 0, 1e308, -1e308, 1, 1e308, 1],
    }),
    expected: [null, 0, 0, null, null, null, null, null, null, null, null],
  },
]
