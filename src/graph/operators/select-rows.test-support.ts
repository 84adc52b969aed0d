import { at, fill, real, total, whole, type OperatorRow } from './check-operator.test-support.ts'
import { cast, mul } from './elementwise.ts'
import { gather, oneHot, pick, scatterAdd, sumsByIndex, topK } from './select.ts'

const ids = [3, 0, 3, 1, 3, 0]

const gatherRows = (['int32', 'int64'] as const).map((dtype): OperatorRow => ({
  name: 'gather',
  variant: `${dtype}, repeated`,
  inputs: { x: real([4, 2]), ids: whole([2, 3], ids, { dtype, shape: ['batch', 'time'] }) },
  build: ({ x, ids }) => gather(x!, ids!),
  expected: ({ x, ids }) => fill([2, 3, 2], (i, j, k) => at(x!, at(ids!, i, j), k)),
}))

const scatterRows = (['int32', 'int64'] as const).map((dtype): OperatorRow => ({
  name: 'scatterAdd',
  variant: `${dtype}, repeated`,
  inputs: {
    base: real([4, 2, 2], { seed: 1, shape: ['items', 2, 2] }),
    ids: whole([6], ids, { dtype, shape: ['n'] }),
    rows: real([6, 2, 2], { seed: 2, shape: ['n', 2, 2] }),
  },
  build: ({ base, ids, rows }) => scatterAdd(base!, ids!, rows!),
  expected: ({ base, ids, rows }) =>
    fill([4, 2, 2], (item, j, k) => {
      const added = total(6, (each) => (at(ids!, each) === item ? at(rows!, each, j, k) : 0))
      return at(base!, item, j, k) + added
    }),
}))

const unordered = { ...real([2, 4]), values: [0.3, -0.7, 1.1, 0.9, -0.2, 0.4, -1.3, 0.1] }

export const selectRows: readonly OperatorRow[] = [
  {
    name: 'sumsByIndex',
    variant: 'sums by index, repeated',
    inputs: { x: real([2, 3]), ids: whole([2, 3], [1, 4, 1, 0, 0, 0]) },
    build: ({ x, ids }) => sumsByIndex(x!, ids!, { size: 5 }),
    expected: ({ x, ids }) =>
      fill([2, 5], (row, sought) =>
        total(3, (each) => (at(ids!, row, each) === sought ? at(x!, row, each) : 0)),
      ),
  },
  ...gatherRows,
  ...scatterRows,
  ...[0, 1, 2].map((axis): OperatorRow => ({
    name: 'gather',
    variant: `axis ${axis}, a matrix of indices`,
    inputs: { x: real([4, 5, 6]), ids: whole([2, 3], [2, 0, 2, 3, 1, 1]) },
    build: ({ x, ids }) => gather(x!, ids!, { axis }),
    expected: ({ x, ids }) => {
      const dims = [...x!.dims.slice(0, axis), 2, 3, ...x!.dims.slice(axis + 1)]
      return fill(dims, (...index) => {
        const id = at(ids!, index[axis]!, index[axis + 1]!)
        return at(x!, ...index.slice(0, axis), id, ...index.slice(axis + 2))
      })
    },
  })),
  {
    name: 'gather',
    variant: 'one index without an axis',
    inputs: { x: real([3, 2]), id: whole([], [2]) },
    build: ({ x, id }) => gather(x!, id!),
    expected: ({ x }) => fill([2], (k) => at(x!, 2, k)),
  },
  {
    name: 'gather',
    variant: 'unique',
    inputs: { x: real([4, 2]), ids: whole([2, 1], [3, 1], { dtype: 'int32' }) },
    build: ({ x, ids }) => gather(x!, ids!, { unique: true }),
    expected: ({ x, ids }) => fill([2, 1, 2], (i, _, k) => at(x!, at(ids!, i, 0), k)),
  },
  {
    name: 'pick',
    variant: 'repeated',
    inputs: {
      x: real([2, 4], { shape: ['batch', 4] }),
      ids: whole([2, 3], [1, 1, 3, 0, 2, 0], { shape: ['batch', 3] }),
    },
    build: ({ x, ids }) => pick(x!, ids!),
    expected: ({ x, ids }) => fill([2, 3], (i, j) => at(x!, i, at(ids!, i, j))),
  },
  {
    name: 'topK',
    variant: 'values',
    inputs: { x: unordered },
    build: ({ x }) => topK(x!, { k: 3 }).values,
    expected: () => ({ dims: [2, 3], values: [1.1, 0.9, 0.3, 0.4, 0.1, -0.2] }),
  },
  {
    name: 'topK',
    variant: 'indices',
    inputs: { x: unordered },
    build: ({ x }) => topK(x!, { k: 3 }).indices,
    expected: () => ({ dims: [2, 3], values: [2, 3, 0, 1, 3, 0] }),
  },
  {
    name: 'topK',
    variant: 'values and indices together',
    inputs: { x: unordered },
    build: ({ x }) => {
      const { values, indices } = topK(x!, { k: 2 })
      return mul(values, cast(indices, 'float32'))
    },
    expected: () => ({ dims: [2, 2], values: [2.2, 2.7, 0.4, 0.3] }),
  },
  ...(['int32', 'int64'] as const).map((dtype): OperatorRow => ({
    name: 'oneHot',
    variant: `${dtype}, one index outside`,
    inputs: { ids: whole([2, 2], [0, 2, 1, 5], { dtype, shape: ['batch', 2] }) },
    build: ({ ids }) => oneHot(ids!, { depth: 3 }),
    expected: () => ({ dims: [2, 2, 3], values: [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0] }),
  })),
]
