import * as e from '../build.ts'
import type { State } from '../operator.ts'
import type { Value } from '../value.ts'
import { keyed, of, other, text, x, type OperatorRow } from './check-operators.test-support.ts'

/** Of 'p' there are 2 and 4, of 'q' a single 5, of 'r' nothing but a missing value. */
const fitOn = of({ text: ['p', 'q', 'p', 'r', null], x: [2, 5, 4, null, 100] })
const extendOn = of({ text: ['q', 's', 'p', 'r', 'r'], x: [1, 7, null, 3, 8] })
const events = of({ text: ['p', 'q', 'r', 's', null, 'P'] })
const keys = [['p'], ['q'], ['r']]
const both = [...keys, ['s']]

type Statistic = Parameters<typeof e.groupStatistic>[1]['statistic']

interface Learnt {
  readonly once: State['columns']
  readonly extended: State['columns']
}

const SQRT_2 = 1.41421356237
/** √8 and √12.5. */
const SQRT_8 = 2.82842712475
const SQRT_12_5 = 3.53553390593

const learnt: Readonly<Record<Statistic, Learnt>> = {
  count: { once: { value: [2, 1, 1] }, extended: { value: [3, 2, 3, 1] } },
  sum: {
    once: { value: [6, 5, null], count: [2, 1, 0] },
    extended: { value: [6, 6, 11, 7], count: [2, 2, 2, 1] },
  },
  mean: {
    once: { value: [3, 5, null], count: [2, 1, 0] },
    extended: { value: [3, 3, 5.5, 7], count: [2, 2, 2, 1] },
  },
  deviation: {
    once: { value: [SQRT_2, null, null], mean: [3, 5, null], count: [2, 1, 0] },
    extended: { value: [SQRT_2, SQRT_8, SQRT_12_5, null], mean: [3, 3, 5.5, 7], count: [2, 2, 2, 1] },
  },
  variance: {
    once: { value: [2, null, null], mean: [3, 5, null], count: [2, 1, 0] },
    extended: { value: [2, 8, 12.5, null], mean: [3, 3, 5.5, 7], count: [2, 2, 2, 1] },
  },
  min: { once: { value: [2, 5, null] }, extended: { value: [2, 1, 3, 7] } },
  max: { once: { value: [4, 5, null] }, extended: { value: [4, 5, 8, 7] } },
}

const statisticRows = Object.entries(learnt).flatMap(([name, { once, extended }]): readonly OperatorRow[] => {
  const expression = e.groupStatistic(x, { by: text, statistic: name as Statistic })
  const [p, q, r, s] = extended['value'] as readonly [Value, Value, Value, Value]
  return [
    {
      operator: 'groupStatistic',
      name,
      expression,
      fitOn,
      events,
      expected: [...once['value']!, null, null, null],
      state: keyed(keys, once),
    },
    {
      operator: 'groupStatistic',
      name: `${name}, extended: as if fitted on both`,
      expression,
      fitOn,
      extendOn,
      events,
      expected: [p, q, r, s, null, null],
      state: keyed(both, extended),
    },
  ]
})

/** The events' own folds: 'a' has the MD5 0c…, an even number, 'message digest' f9…, an odd one. */
const [even, odd] = ['a', 'message digest'] as const
const fold = e.column('fold', 'text')
const targets = of({
  text: ['p', 'p', 'p', 'q', 'q', null, 'q'],
  fold: [even, even, odd, odd, even, odd, null],
  x: [1, 0, 4, 3, null, 2, 2],
})
const encoded = e.targetEncode(x, { by: text, fold, smoothing: 2, folds: 2 })

export const groupRows: readonly OperatorRow[] = [
  ...statisticRows,
  {
    operator: 'groupStatistic',
    name: 'by two texts, of a computed number; a sum that overflows is missing',
    expression: e.groupStatistic(e.multiply(x, 2), { by: [text, other], statistic: 'sum' }),
    fitOn: of({
      text: ['a', 'a', 'a\u001f|b', 'a', 'big', 'big', 'a'],
      other: ['b\u001f|c', 'c', 'c', 'b\u001f|c', 'x', 'x', null],
      x: [1, 2, 3, 0.25, 8e307, 8e307, 1],
    }),
    events: of({ text: ['a', 'a', 'a\u001f|b', 'big'], other: ['b\u001f|c', 'c', 'c', 'x'] }),
    expected: [2.5, 4, 6, null],
  },
  ...(
    [
      ['sum', [1_234_567_890_124, 0.30000000000000004, 0, 1e308, null]],
      ['mean', [617_283_945_062, 0.15000000000000002, 0, 1e308, null]],
    ] as const
  ).map(([statistic, expected]): OperatorRow => ({
    operator: 'groupStatistic',
    name: `a ${statistic} has all its digits, beside what is much larger`,
    expression: e.groupStatistic(x, { by: text, statistic }),
    fitOn: of({
      text: ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'e'],
      x: [1_234_567_890_123, 1, 0.1, 0.2, 1e17, -1e17, 1e308, null],
    }),
    events: of({ text: ['a', 'b', 'c', 'd', 'e'] }),
    expected,
  })),
  {
    operator: 'groupStatistic',
    name: 'how many events of a key there are',
    expression: e.groupStatistic(1, { by: text, statistic: 'count' }),
    fitOn,
    events,
    expected: [2, 1, 1, null, null, null],
    state: keyed(keys, { value: [2, 1, 1] }),
  },
  {
    operator: 'groupStatistic',
    name: 'the difference from the mean, relative to it',
    builder: 'relativeTo',
    expression: e.relativeTo(x, text),
    fitOn: of({ text: ['p', 'p', 'q', 'r'], x: [2, 4, -1, 0] }),
    events: of({ text: ['p', 'p', 'q', 'r', 's', 'p'], x: [6, 3, 1, 1, 1, null] }),
    expected: [3 / 3.00001, 0, null, null, null, null],
  },
  {
    operator: 'groupStatistic',
    name: 'least and greatest keep all their digits',
    expression: e.groupStatistic(x, { by: text, statistic: 'min' }),
    fitOn: of({ text: ['a', 'a'], x: [1_600_000_000_123, 1_600_000_000_124] }),
    events: of({ text: ['a'] }),
    expected: [1_600_000_000_123],
    state: keyed([['a']], { value: [1_600_000_000_123] }),
  },
  {
    operator: 'groupStatistic',
    name: 'extended: a sum that overflows in both parts together is missing',
    expression: e.groupStatistic(x, { by: text, statistic: 'sum' }),
    fitOn: of({ text: ['a'], x: [1e308] }),
    extendOn: of({ text: ['a'], x: [1e308] }),
    events: of({ text: ['a'] }),
    expected: [null],
    state: keyed([['a']], { value: [null], count: [2] }),
  },
  {
    operator: 'targetEncode',
    name: 'while training the own fold is left out, while serving never',
    expression: encoded,
    fitOn: targets,
    events: of({ text: ['p', 'q', 'new', null, 'p'], fold: [even, even, odd, odd, null] }),
    // Six targets with the mean 2. All of 'p': (5 + 2·2) ÷ (3 + 2), of 'q' (3 + 4) ÷ (1 + 2): the one without a fold is in none.
    expected: [1.8, 7 / 3, 2, 2, 1.8],
    // The even events of 'p' see (4 + 4) ÷ 3, the odd one (1 + 4) ÷ 4; of 'q' the odd one sees none, the others 3.
    training: [8 / 3, 8 / 3, 1.25, 2, 7 / 3, 2, 7 / 3],
    state: keyed(
      [['p'], ['q']],
      { sum0: [1, 0], count0: [2, 0], sum1: [4, 3], count1: [1, 1] },
      { count: 6, mean: 2 },
    ),
  },
  {
    operator: 'targetEncode',
    name: 'extended: both parts together',
    expression: encoded,
    fitOn: targets,
    extendOn: of({ text: ['p', 'r'], fold: [even, odd], x: [2, 10] }),
    events: of({ text: ['p', 'q', 'r', 'new'], fold: [even, even, odd, odd] }),
    // Eight targets with the mean 3: (7 + 6) ÷ (4 + 2), (3 + 6) ÷ (1 + 2), (10 + 6) ÷ (1 + 2).
    expected: [13 / 6, 3, 16 / 3, 3],
    state: keyed(
      [['p'], ['q'], ['r']],
      { sum0: [3, 0, 0], count0: [3, 0, 0], sum1: [4, 3, 10], count1: [1, 1, 1] },
      { count: 8, mean: 3 },
    ),
  },
  {
    operator: 'targetEncode',
    name: 'three folds and a smoothing of 20, by two texts',
    expression: e.targetEncode(x, { by: [text, other], fold }),
    // By Python's hashlib modulo 3: 'a' 0, 'b' 1, 'abc' 2.
    fitOn: of({
      text: ['p', 'p', 'p', 'p'],
      other: ['q', 'q', 'q', 'r'],
      fold: ['a', 'b', 'abc', 'a'],
      x: [3, 6, 9, 22],
    }),
    events: of({ text: ['p', 'p', 'r'], other: ['q', 'r', 'p'], fold: ['a', 'b', 'b'] }),
    // The mean is 10: (18 + 200) ÷ 23 and (22 + 200) ÷ 21.
    expected: [218 / 23, 222 / 21, 10],
    training: [215 / 22, 212 / 22, 209 / 22, 10],
    state: keyed(
      [
        ['p', 'q'],
        ['p', 'r'],
      ],
      { sum0: [3, 22], count0: [1, 1], sum1: [6, 0], count1: [1, 0], sum2: [9, 0], count2: [1, 0] },
      { count: 4, mean: 10 },
    ),
  },
  {
    operator: 'targetEncode',
    name: 'without smoothing: missing where there is nothing',
    expression: e.targetEncode(x, { by: text, fold, smoothing: 0, folds: 2 }),
    fitOn: of({ text: ['p', 'q'], fold: [even, even], x: [1, null] }),
    events: of({ text: ['p', 'q', 'r', null], fold: [odd, odd, odd, odd] }),
    expected: [1, null, null, null],
    training: [null, null],
  },
  {
    operator: 'targetEncode',
    name: 'nothing to learn from',
    expression: e.targetEncode(x, { by: text, fold }),
    fitOn: of({ text: ['p'], fold: [even], x: [null] }),
    events: of({ text: ['p', 'q'], fold: [even, odd] }),
    expected: [null, null],
    training: [null],
    state: keyed(
      [['p']],
      { sum0: [0], count0: [0], sum1: [0], count1: [0], sum2: [0], count2: [0] },
      { count: 0, mean: null },
    ),
  },
]
