import * as e from '../build.ts'
import { node, type Expression, type Operand } from '../expression.ts'
import type { Options } from '../operator.ts'
import { flag, text, time, x } from './check-operators.test-support.ts'

/** What is refused when a node is made. */
export interface BadRow {
  readonly operator: string
  readonly inputs: readonly Operand[]
  readonly options?: Options
  readonly code: 'OPTION_INVALID' | 'OPTION_UNKNOWN'
  readonly message: RegExp
}

type Bad = readonly [operator: string, inputs: readonly Operand[], options: object, message: RegExp]

/** Options as a careless caller or a stranger's file has them. */
const bad = (code: BadRow['code'], rows: readonly Bad[]): readonly BadRow[] =>
  rows.map(([operator, inputs, options, message]) => ({
    operator,
    inputs,
    options: options as Options,
    code,
    message,
  }))

/** Inputs of other types and numbers of them, for operators without a choice. */
const inputs: Readonly<Record<string, readonly (readonly Operand[])[]>> = {
  less: [[], [x], [x, text], [text, text], [flag, flag], [x, x, x]],
  lessOrEqual: [[], [x], [text, x], [flag, x], [x, x, x]],
  equal: [[], [x], [x, text], [text, flag], [flag, 1], [x, x, x]],
  and: [[], [flag], [flag, x], [text, flag], [flag, flag, flag]],
  or: [[], [flag], [flag, x], [text, flag], [flag, flag, flag]],
  not: [[], [x], [text], [flag, flag]],
  isMissing: [[], [x, x]],
  choose: [[], [flag, x], [x, x, x], [text, x, x], [flag, x, text], [flag, x, x, x]],
  onlyWhere: [[], [x], [x, x], [flag, text], [x, flag, flag]],
  fillMissing: [[], [x], [x, text], [text, 0], [flag, 0], [x, x, x]],
  literal: [[x], [text, text]],
  column: [[x]],
  add: [[], [x], [x, text], [flag, x], [x, x, x]],
  subtract: [[], [x], [x, text], [flag, x], [x, x, x]],
  multiply: [[], [x], [x, text], [flag, x], [x, x, x]],
  divide: [[], [x], [x, text], [flag, x], [x, x, x]],
  floor: [[], [text], [flag], [x, x]],
  absolute: [[], [text], [flag], [x, x]],
  log: [[], [text], [flag], [x, x]],
  squareRoot: [[], [text], [flag], [x, x]],
  sine: [[], [text], [flag], [x, x]],
  cosine: [[], [text], [flag], [x, x]],
  clip: [[], [text], [flag], [x, x]],
  bucketize: [[], [text], [flag], [x, x]],
  toText: [[], [text], [flag], [x, x]],
  toNumber: [[], [x], [flag], [time], [text, text]],
  part: [[], [x], [flag], [text, text]],
  hashBucket: [[], [x], [flag], [text, x]],
  hour: [[], [text], [flag], [time, time]],
  weekday: [[], [text], [flag], [time, time]],
  day: [[], [text], [flag], [time, time]],
  categorify: [[], [x], [flag], [text, x]],
  jointCategorify: [[], [text], [x, text], [text, flag], [text, text, x]],
  normalize: [[], [text], [flag], [x, x]],
  minMax: [[], [text], [flag], [x, x]],
  fillMedian: [[], [text], [flag], [x, x]],
  groupStatistic: [[], [x], [text, text], [x, x], [x, text, flag]],
  targetEncode: [[], [x, text], [text, text, text], [x, x, text], [x, text, x]],
  lookup: [[], [x], [flag]],
  sparseProduct: [[], [text], [text, x], [flag, text], [text, text, text]],
  javascript: [[]],
  lag: [[], [x, x]],
  position: [[x]],
  seenBefore: [[], [x, x]],
  first: [[], [x, x]],
  sessionCount: [[], [x, x]],
  sessionSum: [[], [text], [flag], [x, x]],
  sessionMin: [[], [text], [flag], [x, x]],
  sessionMax: [[], [text], [flag], [x, x]],
  sessionLeast: [[], [x], [x, text], [text, x], [x, x, x]],
  firstPresent: [[], [x, x]],
  lastPresent: [[], [x, x]],
  recentCount: [[], [time], [text, text], [time, x], [time, text, flag]],
}

/** Options that are good, for operators that need some. */
const needed: Readonly<Record<string, object>> = {
  literal: { value: 1 },
  column: { name: 'a', type: 'text' },
  clip: { min: 0 },
  bucketize: { boundaries: [0] },
  part: { separator: '|', index: 0 },
  hashBucket: { buckets: 2 },
  groupStatistic: { statistic: 'mean' },
  lookup: { keys: [['a']], values: [1] },
  recentCount: { windowMs: 1 },
  javascript: { name: 'f', type: 'number' },
}

const table = (keys: unknown, values: unknown): object => ({ keys, values })
const zones = ['hour', 'weekday', 'day'].flatMap((name): readonly Bad[] =>
  ['Mars/Olympus', '', 'America/Sao Paulo', null, 5, true, ['UTC'], {}].map((timeZone) => [
    name,
    [time],
    { timeZone },
    /is no time zone. Write it as in 'America\/Sao_Paulo'/,
  ]),
)
const numbers = (
  name: string,
  own: readonly Operand[],
  { option, others = {}, values }: { option: string; others?: object; values: readonly unknown[] },
): readonly Bad[] => values.map((value) => [name, own, { ...others, [option]: value }, new RegExp(option)])
const NO_NUMBERS = [NaN, Infinity, -Infinity, null, '1', true, [], [1], {}]

export const badRows: readonly BadRow[] = [
  ...Object.entries(inputs).flatMap(([operator, lists]) =>
    lists.map((own): BadRow => ({
      operator,
      inputs: own,
      options: (needed[operator] ?? {}) as Options,
      code: 'OPTION_INVALID',
      message: /expects .*received/,
    })),
  ),
  ...bad('OPTION_UNKNOWN', [
    ...Object.keys(inputs).map((name): Bad => [name, [], { constructor: 1 }, /has no option 'constructor'/]),
    ['column', [], { nam: 'a' }, /Did you mean 'name'/],
    ['literal', [], { valeu: 1 }, /Did you mean 'value'/],
    ['clip', [x], { mn: 1 }, /Did you mean 'min'/],
    ['bucketize', [x], { boundries: [1] }, /Did you mean 'boundaries'/],
    ['part', [text], { seperator: '|' }, /Did you mean 'separator'/],
    ['hashBucket', [text], { bucket: 2 }, /Did you mean 'buckets'/],
    ['hour', [time], { timezone: 'UTC' }, /Did you mean 'timeZone'/],
    ['weekday', [time], { zone: 'UTC' }, /Known: timeZone/],
    ['day', [time], { timezone: 'UTC' }, /Did you mean 'timeZone'/],
    ['categorify', [text], { mincount: 2 }, /Did you mean 'minCount'/],
    ['jointCategorify', [text, text], { values: ['a'] }, /has no option 'values'/],
    ['groupStatistic', [x, text], { statistics: 'mean' }, /Did you mean 'statistic'/],
    ['targetEncode', [x, text, text], { fold: 3 }, /Did you mean 'folds'/],
    ['lookup', [text], { key: [] }, /Did you mean 'keys'/],
    ['javascript', [x], { nmae: 'f' }, /Did you mean 'name'/],
    ['lag', [x], { shfit: 1 }, /Did you mean 'shift'/],
    ['recentCount', [time, text], { windowMS: 1 }, /Did you mean 'windowMs'/],
  ]),
  ...bad('OPTION_INVALID', [
    ...[undefined, null, '', 5, [], {}, 'a\0b', '\ud800'].map((name): Bad => [
      'column',
      [],
      { name, type: 'text' },
      /the name of a column is expected/,
    ]),
    ...[undefined, null, '', 'Text', 'string', 'int', 5, ['text']].map((type): Bad => [
      'column',
      [],
      { name: 'a', type },
      /must be one of text, number, boolean, time/,
    ]),
    ...[undefined, null, NaN, Infinity, {}, [1], 'a\udc00b', 5n].map((value): Bad => [
      'literal',
      [],
      { value },
      /a finite number, a text or a truth value is expected/,
    ]),
    ['clip', [x], {}, /min or max is expected/],
    ...numbers('clip', [x], { option: 'min', values: NO_NUMBERS }),
    ...numbers('clip', [x], { option: 'max', values: NO_NUMBERS }),
    ['clip', [x], { min: 2, max: 1 }, /max must be a number at least 2, received 1/],
    ...[
      undefined,
      null,
      [],
      5,
      'a',
      [1, 1],
      [2, 1],
      [1, NaN],
      [1, Infinity],
      ['1'],
      [null],
      [[1]],
      { 0: 1 },
    ].map((boundaries): Bad => [
      'bucketize',
      [x],
      { boundaries },
      /boundaries are expected to be rising numbers/,
    ]),
    ...[undefined, null, '', 5, ['|'], {}, '\ud800'].map((separator): Bad => [
      'part',
      [text],
      { separator, index: 0 },
      /a separator is expected/,
    ]),
    ...numbers('part', [text], {
      option: 'index',
      others: { separator: '|' },
      values: [undefined, 0.5, 1_000_001, -1_000_001, ...NO_NUMBERS],
    }),
    ...numbers('hashBucket', [text], {
      option: 'buckets',
      values: [undefined, 0, -1, 1.5, 2 ** 30 + 1, ...NO_NUMBERS],
    }),
    ...zones,
    ...numbers('categorify', [text], { option: 'minCount', values: [0, -1, 1.5, ...NO_NUMBERS] }),
    ...numbers('categorify', [text], { option: 'maxSize', values: [0, 2, 3.5, ...NO_NUMBERS] }),
    ...numbers('categorify', [text], { option: 'maxSize', others: { buckets: 5 }, values: [7] }),
    ...numbers('categorify', [text], { option: 'buckets', values: [-1, 1.5, 2 ** 30 + 1, ...NO_NUMBERS] }),
    ...numbers('jointCategorify', [text, text], { option: 'minCount', values: [0, 1.5, ...NO_NUMBERS] }),
    ...numbers('jointCategorify', [text, text], { option: 'maxSize', values: [2, 3.5, ...NO_NUMBERS] }),
    ...numbers('jointCategorify', [text, text], {
      option: 'buckets',
      values: [-1, 2 ** 30 + 1, ...NO_NUMBERS],
    }),
    ...[null, 'a', { 0: 'a' }, [1], [''], ['a', 'a'], [null], [['a']], ['\ud800']].map((values): Bad => [
      'categorify',
      [text],
      { values },
      /values are distinct texts/,
    ]),
    ['categorify', [text, text], { values: ['a'] }, /for a single input/],
    ['categorify', [text], { values: ['a'], minCount: 2 }, /leave nothing to minCount and maxSize/],
    ['categorify', [text], { values: ['a'], maxSize: 9 }, /leave nothing to minCount and maxSize/],
    ...[undefined, null, '', 'Mean', 'std', 'toString', 5, ['mean']].map((statistic): Bad => [
      'groupStatistic',
      [x, text],
      { statistic },
      /one of count, sum, mean, deviation/,
    ]),
    ...numbers('targetEncode', [x, text, text], { option: 'smoothing', values: [-1, ...NO_NUMBERS] }),
    ...numbers('targetEncode', [x, text, text], { option: 'folds', values: [0, 1, 21, 2.5, ...NO_NUMBERS] }),
    ...[undefined, null, [], 'a', [[]]].map((keys): Bad => [
      'lookup',
      [text],
      table(keys, [1]),
      /keys|texts/,
    ]),
    ...[undefined, null, [], 'a', [1, 2]].map((values): Bad => [
      'lookup',
      [text],
      table([['a']], values),
      /as many keys as values/,
    ]),
    ['lookup', [text], table([], []), /as many keys as values/],
    ...['a', [1], [null], ['a', 'b'], ['\ud800'], null].map((key): Bad => [
      'lookup',
      [text],
      table([key], [1]),
      /each key is a list of 1 texts/,
    ]),
    ['lookup', [text, text], table([['a']], [1]), /each key is a list of 2 texts/],
    ...[
      [1, 'a'],
      [NaN, 1],
      [1, Infinity],
      [null, null],
      [{}, {}],
      [true, 1],
      ['a', '\ud800'],
      [[1], [1]],
    ].map((values): Bad => ['lookup', [text], table([['a'], ['b']], values), /all values are/]),
    ...[undefined, null, '', 5, ['f'], '\ud800', 'f'.repeat(101)].map((name): Bad => [
      'javascript',
      [x],
      { name, type: 'number' },
      /the name of a function/,
    ]),
    ...[undefined, null, 'string', 'time', 5].map((type): Bad => [
      'javascript',
      [x],
      { name: 'f', type },
      /must be one of number, text, boolean/,
    ]),
    ...numbers('lag', [x], { option: 'shift', values: [0, -1, 1.5, 1_000_001, ...NO_NUMBERS] }),
    ...numbers('recentCount', [time, text], {
      option: 'windowMs',
      values: [undefined, 0, -1, 1e16, ...NO_NUMBERS],
    }),
  ]),
]

/** The functions that users write features with pass their arguments on. */
export const badCalls: Readonly<Record<string, () => Expression>> = {
  'no key': () => e.categorify([]),
  'a key that is null': () => e.categorify(null as unknown as Operand),
  'a plain name in place of a column is a literal': () => e.normalize('price'),
  'a period of 0': () => e.cyclicSine(x, 0),
  'a shift of no number': () => e.difference(x, NaN),
  'an unknown metric': () => e.similarity(text, text, { left: { a: { f: 1 } }, metric: 'tf-idf' as 'tfidf' }),
  'no table': () => e.similarity(text, text, {} as { left: e.SparseTable }),
  'an empty table': () => e.similarity(text, text, { left: {} }),
  'a list of features': () =>
    e.similarity(text, text, { left: { a: ['f'] as unknown as e.SparseTable[string] } }),
  'a weight that is no number': () => e.similarity(text, text, { left: { a: { f: NaN } } }),
  'a key of half a character': () => e.similarity(text, text, { left: { '\ud800': { f: 1 } } }),
  'an unknown option of similarity': () =>
    e.similarity(text, text, { left: {}, rigth: {} } as { left: e.SparseTable }),
  'an unknown operator': () => node('nothing', []),
}
