import * as e from '../build.ts'
import { node } from '../expression.ts'
import { of, other, text, type OperatorRow } from './check-operators.test-support.ts'

const table: e.SparseTable = {
  a: { red: 3, shoe: 4 },
  b: { shoe: 2 },
  c: { '\u{1f600}': -1, shoe: 0 },
  d: {},
}
const pairs = of({
  text: ['a', 'a', 'a', 'c', 'c', 'd', 'e', null, 'b'],
  other: ['a', 'b', 'c', 'c', 'b', 'd', 'a', 'a', 'z'],
})
const spelled = node('sparseProduct', [text, other])

export const similarityRows: readonly OperatorRow[] = [
  {
    operator: 'sparseProduct',
    name: 'cosine: a key with no features is like nothing; missing for a key that is not in the table',
    builder: 'similarity',
    expression: e.similarity(text, other, { left: table, metric: 'cosine' }),
    events: pairs,
    expected: [1, Math.fround(0.8), 0, 1, 0, 0, null, null, null],
  },
  {
    operator: 'sparseProduct',
    name: 'inner',
    builder: 'similarity',
    expression: e.similarity(text, other, { left: table, metric: 'inner' }),
    events: pairs,
    expected: [25, 8, 0, 1, 0, 0, null, null, null],
  },
  {
    operator: 'sparseProduct',
    name: 'tf-idf: what all have tells nothing, what is rare tells much',
    builder: 'similarity',
    expression: e.similarity(text, other, {
      left: { a: { rare: 1, common: 1 }, b: { rare: 1 }, c: { common: 1 }, d: { common: 5 } },
    }),
    events: of({ text: ['a', 'a', 'c', 'b'], other: ['b', 'c', 'd', 'c'] }),
    // ln(4 ÷ 2) = 0.6931… and ln(4 ÷ 3) = 0.2877…: of length 0.7505….
    expected: [
      Math.fround(Math.LN2 / Math.hypot(Math.LN2, Math.log(4 / 3))),
      Math.fround(Math.log(4 / 3) / Math.hypot(Math.LN2, Math.log(4 / 3))),
      1,
      0,
    ],
  },
  {
    operator: 'sparseProduct',
    name: 'tf-idf: a feature that every key has weighs 0',
    builder: 'similarity',
    expression: e.similarity(text, other, { left: { a: { f: 1 }, b: { f: 2 } } }),
    events: of({ text: ['a'], other: ['b'] }),
    expected: [0],
  },
  {
    operator: 'sparseProduct',
    name: 'two tables, each weighed for itself',
    builder: 'similarity',
    expression: e.similarity(text, other, {
      left: { buyer: { red: 2, blue: 0 } },
      right: { red: { red: 1 }, both: { red: 3, blue: 4 } },
      metric: 'cosine',
    }),
    events: of({ text: ['buyer', 'buyer', 'red'], other: ['red', 'both', 'red'] }),
    expected: [1, Math.fround(0.6), null],
  },
  {
    operator: 'sparseProduct',
    name: 'cosine of weights whose squares overflow or vanish',
    builder: 'similarity',
    expression: e.similarity(text, other, {
      left: { a: { f: 3e200, g: 4e200 }, b: { f: 1e-200 } },
      metric: 'cosine',
    }),
    events: of({ text: ['a', 'b'], other: ['b', 'b'] }),
    expected: [Math.fround(0.6), 1],
  },
  {
    operator: 'sparseProduct',
    name: 'of texts: in any order; the first of an index counts on the right, every one on the left',
    expression: spelled,
    events: of({
      text: ['1:0.5 3:2', '3:2 1:0.5', '1:1 1:1', '2:1', '5:-1', '0:1e-3'],
      other: ['3:1.5 1:4 7:1', '3:1.5 1:4', '1:2 1:5', '3:1', '5:0.25', '0:5'],
    }),
    expected: [5, 5, 4, 0, -0.25, Math.fround(0.005)],
  },
  {
    operator: 'sparseProduct',
    name: 'missing for what is spelled otherwise, or overflows',
    expression: spelled,
    events: of({
      text: ['1:1e999', '01:1', '1:1,2:1', '1:1 ', '1:', '1', '1:.5', '1000000000:1', '1:1e300', 'é', null],
      other: Array.from({ length: 11 }, () => '1:1e300'),
    }),
    expected: Array.from({ length: 11 }, () => null),
  },
  {
    operator: 'sparseProduct',
    name: 'missing where the right one is spelled otherwise; infinite sums that would cancel out are missing',
    expression: spelled,
    events: of({
      text: ['1:1', '1:1e300 2:1e300', '1:1e300 2:-1e300'],
      other: ['1:1\n', '1:1', '1:1e300 2:1e300'],
    }),
    expected: [null, null, null],
  },
]
