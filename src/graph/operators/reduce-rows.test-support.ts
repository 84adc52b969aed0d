import { at, fill, real, total, whole, type Fed, type OperatorRow } from './check-operator.test-support.ts'
import { mul } from './elementwise.ts'
import * as operators from './reduce.ts'

const symbolic = real([2, 3, 4], { shape: ['batch', 'time', 4] })
const fold: Readonly<Record<'sum' | 'mean' | 'max' | 'min', (values: readonly number[]) => number>> = {
  sum: (values) => total(values.length, (each) => values[each]!),
  mean: (values) => total(values.length, (each) => values[each]!) / values.length,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
}
const numbers = (length: number): readonly number[] => Array.from({ length }, (_, each) => each)
const row2 = (x: Fed, i: number, j: number): readonly number[] => numbers(4).map((k) => at(x, i, j, k))

const reduceRows = (['sum', 'mean', 'max', 'min'] as const).flatMap((name): readonly OperatorRow[] => [
  {
    name,
    variant: 'all axes, symbolic',
    inputs: { x: symbolic },
    build: ({ x }) => operators[name](x!),
    expected: ({ x }) => ({ dims: [], values: [fold[name](x!.values)] }),
  },
  {
    name,
    variant: 'the last axis',
    inputs: { x: symbolic },
    build: ({ x }) => operators[name](x!, { axes: [-1] }),
    expected: ({ x }) => fill([2, 3], (i, j) => fold[name](row2(x!, i, j))),
  },
  {
    name,
    variant: 'two axes, one symbolic, kept',
    inputs: { x: symbolic },
    build: ({ x }) => operators[name](x!, { axes: [2, 0], keepDims: true }),
    expected: ({ x }) => fill([1, 3, 1], (_, j) => fold[name]([...row2(x!, 0, j), ...row2(x!, 1, j)])),
  },
  {
    name,
    variant: 'two fixed axes',
    inputs: { x: real([2, 3, 4]) },
    build: ({ x }) => operators[name](x!, { axes: [0, -1] }),
    expected: ({ x }) => fill([3], (j) => fold[name]([...row2(x!, 0, j), ...row2(x!, 1, j)])),
  },
  {
    name,
    variant: 'no axis is the operand itself',
    inputs: { x: real([2, 2]) },
    build: ({ x }) => operators[name](x!, { axes: [] }),
    expected: ({ x }) => x!,
  },
])

const running = [
  { reverse: false, exclusive: false },
  { reverse: false, exclusive: true },
  { reverse: true, exclusive: false },
  { reverse: true, exclusive: true },
]

export const reductionRows: readonly OperatorRow[] = [
  ...reduceRows,
  {
    name: 'sum',
    variant: 'int64',
    inputs: { x: whole([2, 2], [1, 2, 3, 4]) },
    build: ({ x }) => operators.sum(x!, { axes: [0] }),
    expected: () => ({ dims: [2], values: [4, 6] }),
  },
  ...running.map(({ reverse, exclusive }): OperatorRow => ({
    name: 'cumulativeSum',
    variant: `${reverse ? 'from the end' : 'from the start'}${exclusive ? ', exclusive' : ''}`,
    inputs: { x: real([2, 4, 2], { shape: ['batch', 'time', 2] }) },
    build: ({ x }) => operators.cumulativeSum(x!, { axis: 1, reverse, exclusive }),
    expected: ({ x }) =>
      fill([2, 4, 2], (i, j, k) => {
        const included = (other: number): boolean =>
          (reverse ? other > j : other < j) || (!exclusive && other === j)
        return total(4, (other) => (included(other) ? at(x!, i, other, k) : 0))
      }),
  })),
  {
    name: 'sumTo',
    variant: 'undoes a broadcast',
    inputs: { x: real([2, 3, 4], { shape: ['batch', 3, 'time'] }) },
    build: ({ x }) => operators.sumTo(mul(x!, x!), [3, 1]),
    expected: ({ x }) => fill([3, 1], (j) => total(2, (i) => total(4, (k) => at(x!, i, j, k) ** 2))),
  },
]
