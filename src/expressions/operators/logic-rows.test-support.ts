import * as e from '../build.ts'
import { flag, mark, of, other, text, x, y, type OperatorRow } from './check-operators.test-support.ts'

const pairs = of({ x: [1, 2, 2, 3, null, 1, -1e308], y: [2, 2, 1, null, null, '1.0', 1e308] })
/** All pairs of true, false and missing. */
const truths = of({
  flag: [true, true, true, false, false, false, null, null, null],
  mark: [true, false, null, true, false, null, true, false, null],
})

export const logicRows: readonly OperatorRow[] = [
  {
    operator: 'less',
    name: 'missing where a side is',
    expression: e.less(x, y),
    events: pairs,
    expected: [true, false, false, null, null, false, true],
  },
  {
    operator: 'less',
    name: 'turned round is greater',
    builder: 'greater',
    expression: e.greater(x, y),
    events: pairs,
    expected: [false, false, true, null, null, false, false],
  },
  {
    operator: 'less',
    name: 'of numbers of one double',
    expression: e.less(x, y),
    events: of({ x: ['9007199254740992', '0.1', '-0'], y: ['9007199254740993', '0.10000000000000001', '0'] }),
    expected: [false, false, false],
  },
  {
    operator: 'lessOrEqual',
    name: 'missing where a side is',
    expression: e.lessOrEqual(x, y),
    events: pairs,
    expected: [true, true, false, null, null, true, true],
  },
  {
    operator: 'lessOrEqual',
    name: 'turned round is greater or equal',
    builder: 'greaterOrEqual',
    expression: e.greaterOrEqual(x, 2),
    events: pairs,
    expected: [false, true, true, true, null, false, false],
  },
  {
    operator: 'and',
    name: 'false decides, missing does not',
    expression: e.and(flag, mark),
    events: truths,
    expected: [true, false, null, false, false, false, null, false, null],
  },
  {
    operator: 'or',
    name: 'true decides, missing does not',
    expression: e.or(flag, mark),
    events: truths,
    expected: [true, true, true, true, false, null, true, null, null],
  },
  {
    operator: 'not',
    name: 'of missing is missing',
    expression: e.not(flag),
    events: of({ flag: [true, false, null] }),
    expected: [false, true, null],
  },
  {
    operator: 'equal',
    name: 'numbers, however they are spelled',
    expression: e.equal(x, y),
    events: of({ x: [1, '1.0', '-0', 1, null, null], y: ['1e0', '+1', 0, 2, null, 1] }),
    expected: [true, true, true, false, null, null],
  },
  {
    operator: 'equal',
    name: 'texts by their characters, composed or not',
    expression: e.equal(text, other),
    events: of({
      text: ['a', 'a', 'a', '\u00e9', '\u{1f600}', ' ', 1, null],
      other: ['a', 'A', 'a ', 'e\u0301', '\u{1f600}', ' ', '1', null],
    }),
    expected: [true, false, false, false, true, true, true, null],
  },
  {
    operator: 'equal',
    name: 'truth values',
    expression: e.equal(flag, mark),
    events: truths,
    expected: [true, false, null, false, true, null, null, null, null],
  },
  {
    operator: 'isMissing',
    name: 'of a text: an empty one is missing, a blank is not',
    expression: e.isMissing(text),
    events: of({ text: ['a', '', null, ' ', '0'] }),
    expected: [false, true, true, false, false],
  },
  {
    operator: 'isMissing',
    name: 'of what overflowed',
    expression: e.isMissing(e.multiply(x, x)),
    events: of({ x: [1, 1e200, null] }),
    expected: [false, true, true],
  },
  {
    operator: 'choose',
    name: 'the third where the condition is missing',
    expression: e.choose(flag, text, other),
    events: of({
      flag: [true, false, null, true, false],
      text: ['a', 'a', 'a', null, 'a'],
      other: ['b', 'b', 'b', 'b', null],
    }),
    expected: ['a', 'b', 'b', null, null],
  },
  {
    operator: 'choose',
    name: 'between literals',
    expression: e.choose(e.less(x, 0), -1, 1),
    events: of({ x: [-2, 0, null] }),
    expected: [-1, 1, 1],
  },
  {
    operator: 'onlyWhere',
    name: 'missing where the condition is false or missing',
    expression: e.onlyWhere(x, flag),
    events: of({ x: [1, 2, 3, null], flag: [true, false, null, true] }),
    expected: [1, null, null, null],
  },
  {
    operator: 'fillMissing',
    name: 'numbers, with what is computed too',
    expression: e.fillMissing(e.divide(x, y), e.add(x, 0.5)),
    events: of({ x: [1, 1, null], y: [2, 0, 1] }),
    expected: [0.5, 1.5, null],
  },
  {
    operator: 'fillMissing',
    name: 'texts',
    expression: e.fillMissing(text, 'none'),
    events: of({ text: ['a', '', null] }),
    expected: ['a', 'none', 'none'],
  },
  {
    operator: 'fillMissing',
    name: 'whether an event repeats the one before it',
    builder: 'repeatsLast',
    expression: e.repeatsLast(text),
    events: of({ text: ['a', 'a', null, 'a', 'b', 'b'], session: ['1', '1', '1', '1', '1', '2'] }),
    expected: [false, true, false, false, false, false],
  },
  {
    operator: 'not',
    name: 'whether there is a value',
    builder: 'present',
    expression: e.present(text),
    events: of({ text: ['a', null, ' '], x: [1, 1, 1] }),
    expected: [true, false, true],
  },
]
