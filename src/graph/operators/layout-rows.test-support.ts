import { at, fill, real, type OperatorRow } from './check-operator.test-support.ts'
import { add, mul } from './elementwise.ts'
import * as operators from './layout.ts'

const symbolic = real([2, 3, 4], { shape: ['batch', 'time', 4] })

export const layoutRows: readonly OperatorRow[] = [
  {
    name: 'reshape',
    inputs: { x: real([2, 3, 4]) },
    build: ({ x }) => operators.reshape(x!, [4, 6]),
    expected: ({ x }) => ({ dims: [4, 6], values: x!.values }),
  },
  {
    name: 'reshape',
    variant: '-1 over symbolic sizes',
    inputs: { x: symbolic },
    build: ({ x }) => operators.reshape(x!, [-1, 2]),
    expected: ({ x }) => ({ dims: [12, 2], values: x!.values }),
  },
  {
    name: 'reshape',
    variant: 'several symbolic sizes move',
    inputs: { x: symbolic },
    build: ({ x }) => operators.reshape(x!, [2, 'time', 'batch', 2]),
    expected: ({ x }) => ({ dims: [2, 3, 2, 2], values: x!.values }),
  },
  ...[
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ].map((order): OperatorRow => ({
    name: 'transpose',
    variant: order.join(''),
    inputs: { x: symbolic },
    build: ({ x }) => operators.transpose(x!, order),
    expected: ({ x }) =>
      fill(
        order.map((axis) => x!.dims[axis]!),
        (...index) => at(x!, ...[0, 1, 2].map((axis) => index[order.indexOf(axis)]!)),
      ),
  })),
  {
    name: 'transpose',
    variant: 'the last two axes without an order',
    inputs: { x: real([2, 3, 4]) },
    build: ({ x }) => operators.transpose(x!),
    expected: ({ x }) => fill([2, 4, 3], (i, j, k) => at(x!, i, k, j)),
  },
  {
    name: 'expand',
    variant: 'to symbolic sizes',
    inputs: { x: real([3, 1]), like: real([2, 4], { shape: ['batch', 'time'] }) },
    build: ({ x, like }) =>
      add(operators.expand(x!, ['batch', 3, 'time']), operators.reshape(like!, ['batch', 1, 'time'])),
    expected: ({ x, like }) => fill([2, 3, 4], (i, j, k) => at(x!, j, 0) + at(like!, i, k)),
  },
  {
    name: 'slice',
    variant: 'from the middle',
    inputs: { x: real([2, 5, 3]) },
    build: ({ x }) => operators.slice(x!, { axis: 1, start: 1, length: 3 }),
    expected: ({ x }) => fill([2, 3, 3], (i, j, k) => at(x!, i, j + 1, k)),
  },
  {
    name: 'slice',
    variant: 'to the symbolic end',
    inputs: { x: symbolic },
    build: ({ x }) => operators.slice(x!, { axis: -2, start: 1 }),
    expected: ({ x }) => fill([2, 2, 4], (i, j, k) => at(x!, i, j + 1, k)),
  },
  {
    name: 'slice',
    variant: 'from a symbolic start, of a symbolic length',
    inputs: { x: real([5, 2], { shape: ['(time+2)', 2] }), like: real([3], { shape: ['time'] }) },
    build: ({ x, like }) => {
      const one = operators.slice(x!, { axis: 0, start: '(time-1)', length: 1 })
      const all = operators.slice(x!, { axis: 0, start: 2, length: 'time' })
      return mul(operators.reshape(like!, ['time', 1]), mul(one, all))
    },
    expected: ({ x, like }) => fill([3, 2], (i, j) => at(like!, i) * at(x!, 2, j) * at(x!, i + 2, j)),
  },
  {
    name: 'slice',
    variant: 'of rows that are cut from one axis of symbolic size',
    inputs: {
      x: real([2, 15], { shape: ['batch', '(2*time*time-time)'] }),
      like: real([3], { shape: ['time'] }),
    },
    build: ({ x, like }) => {
      const rows = operators.reshape(x!, ['batch', 'time', -1])
      return mul(like!, operators.slice(rows, { axis: 2, start: 0, length: 'time' }))
    },
    expected: ({ x, like }) => fill([2, 3, 3], (i, j, k) => at(x!, i, 5 * j + k) * at(like!, k)),
  },
  {
    name: 'slice',
    variant: 'all of it is itself',
    inputs: { x: symbolic },
    build: ({ x }) => operators.slice(x!, { axis: 1, start: 0, length: 'time' }),
    expected: ({ x }) => x!,
  },
  {
    name: 'concat',
    inputs: { a: real([2, 1, 3], { seed: 1 }), b: real([2, 2, 3], { seed: 2 }) },
    build: ({ a, b }) => operators.concat([a!, b!, a!], { axis: 1 }),
    expected: ({ a, b }) =>
      fill([2, 4, 3], (i, j, k) => (j === 1 || j === 2 ? at(b!, i, j - 1, k) : at(a!, i, 0, k))),
  },
  {
    name: 'concat',
    variant: 'along a symbolic axis',
    inputs: {
      a: real([3, 2], { seed: 1, shape: ['time', 2] }),
      b: real([4, 2], { seed: 2, shape: ['other', 2] }),
    },
    build: ({ a, b }) => operators.concat([a!, b!], { axis: 0 }),
    expected: ({ a, b }) => fill([7, 2], (i, j) => (i < 3 ? at(a!, i, j) : at(b!, i - 3, j))),
  },
  {
    name: 'concat',
    variant: 'one tensor is itself',
    inputs: { a: real([2, 2]) },
    build: ({ a }) => operators.concat([a!], { axis: -1 }),
    expected: ({ a }) => a!,
  },
  {
    name: 'split',
    variant: 'of several sizes',
    inputs: { x: real([2, 6]) },
    build: ({ x }) => {
      const [first, , third] = operators.split(x!, { axis: -1, parts: [1, 2, 3] })
      return operators.concat([third!, first!], { axis: 1 })
    },
    expected: ({ x }) => fill([2, 4], (i, j) => at(x!, i, j < 3 ? 3 + j : 0)),
  },
  {
    name: 'split',
    variant: 'parts used unequally, one not at all',
    inputs: { x: real([2, 6]) },
    build: ({ x }) => {
      const [first, , third] = operators.split(x!, { axis: -1, parts: 3 })
      return mul(first!, mul(third!, third!))
    },
    expected: ({ x }) => fill([2, 2], (i, j) => at(x!, i, j) * at(x!, i, j + 4) ** 2),
  },
  {
    name: 'pad',
    variant: 'both ends, a value',
    inputs: { x: real([2, 2]) },
    build: ({ x }) => operators.pad(x!, { axis: 1, before: 1, after: 2, value: 7 }),
    expected: ({ x }) => fill([2, 5], (i, j) => (j === 1 || j === 2 ? at(x!, i, j - 1) : 7)),
  },
  {
    name: 'pad',
    variant: 'by a symbolic size',
    inputs: { x: real([2, 3], { shape: ['batch', 3] }) },
    build: ({ x }) => operators.pad(x!, { axis: 1, before: 0, after: 'batch' }),
    expected: ({ x }) => fill([2, 5], (i, j) => (j < 3 ? at(x!, i, j) : 0)),
  },
]
