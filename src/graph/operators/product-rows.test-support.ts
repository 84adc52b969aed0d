import type { Shape } from '../dims.ts'
import { at, fill, real, total, type Fed, type OperatorRow } from './check-operator.test-support.ts'
import { gemm, matmul, sumRows } from './product.ts'

const both = [false, true] as const

const gemmRows = both.flatMap((transposeA) =>
  both.flatMap((transposeB): readonly OperatorRow[] => {
    const a = real(transposeA ? [4, 2] : [2, 4], { seed: 1, shape: transposeA ? [4, 'rows'] : ['rows', 4] })
    const b = real(transposeB ? [3, 4] : [4, 3], { seed: 2 })
    const product = (a: Fed, b: Fed, i: number, j: number): number =>
      total(4, (k) => (transposeA ? at(a, k, i) : at(a, i, k)) * (transposeB ? at(b, j, k) : at(b, k, j)))
    const name = `${transposeA ? 'Aᵀ' : 'A'}${transposeB ? 'Bᵀ' : 'B'}`
    return [
      {
        name: 'gemm',
        variant: name,
        inputs: { a, b },
        build: ({ a, b }) => gemm(a!, b!, { transposeA, transposeB }),
        expected: ({ a, b }) => fill([2, 3], (i, j) => product(a!, b!, i, j)),
      },
      {
        name: 'gemm',
        variant: `0.5${name} + 2c`,
        inputs: { a, b, c: real([3], { seed: 3 }) },
        build: ({ a, b, c }) => gemm(a!, b!, { transposeA, transposeB, alpha: 0.5, beta: 2, add: c! }),
        expected: ({ a, b, c }) => fill([2, 3], (i, j) => 0.5 * product(a!, b!, i, j) + 2 * at(c!, j)),
      },
    ]
  }),
)

const added: readonly { readonly dims: readonly number[]; readonly shape: Shape }[] = [
  { dims: [3], shape: [3] },
  { dims: [1, 3], shape: [1, 3] },
  { dims: [2, 1], shape: ['rows', 1] },
  { dims: [2, 3], shape: ['rows', 3] },
  { dims: [], shape: [] },
]

const addRows = added.flatMap(({ dims, shape }) =>
  [1, 2].map((beta): OperatorRow => ({
    name: 'gemm',
    variant: `adds ${beta} × [${shape.join(', ')}]`,
    inputs: {
      a: real([2, 4], { seed: 1, shape: ['rows', 4] }),
      b: real([4, 3], { seed: 2 }),
      c: real(dims, { seed: 3, shape }),
    },
    build: ({ a, b, c }) => gemm(a!, b!, { add: c!, beta }),
    expected: ({ a, b, c }) =>
      fill([2, 3], (i, j) => {
        const index = [i, j].slice(2 - dims.length).map((each, axis) => (dims[axis] === 1 ? 0 : each))
        return total(4, (k) => at(a!, i, k) * at(b!, k, j)) + beta * at(c!, ...index)
      }),
  })),
)

const products: readonly { readonly variant: string; readonly a: Fed; readonly b: Fed }[] = [
  { variant: '2D × 2D', a: real([2, 4], { seed: 1 }), b: real([4, 3], { seed: 2 }) },
  {
    variant: '3D × 2D, symbolic',
    a: real([2, 3, 4], { seed: 1, shape: ['batch', 'time', 4] }),
    b: real([4, 3], { seed: 2 }),
  },
  {
    variant: '2D × 3D',
    a: real([3, 4], { seed: 1 }),
    b: real([2, 4, 2], { seed: 2, shape: ['batch', 4, 2] }),
  },
  {
    variant: '4D × 4D, symbolic',
    a: real([2, 2, 3, 4], { seed: 1, shape: ['batch', 2, 'time', 4] }),
    b: real([2, 2, 4, 3], { seed: 2, shape: ['batch', 2, 4, 'time'] }),
  },
  {
    variant: 'batches broadcast both ways',
    a: real([2, 1, 3, 4], { seed: 1 }),
    b: real([3, 4, 2], { seed: 2 }),
  },
]

const matmulRows = products.map(({ variant, a, b }): OperatorRow => ({
  name: 'matmul',
  variant,
  inputs: { a, b },
  build: ({ a, b }) => matmul(a!, b!),
  expected: ({ a, b }) => {
    const rank = Math.max(a!.dims.length, b!.dims.length)
    const batch = Array.from({ length: rank - 2 }, (_, axis) => {
      const size = (x: Fed): number => x.dims.slice(0, -2)[axis - (rank - x.dims.length)] ?? 1
      return Math.max(size(a!), size(b!))
    })
    const within = (x: Fed, index: readonly number[]): readonly number[] =>
      index.slice(rank - x.dims.length).map((each, axis) => (x.dims[axis] === 1 ? 0 : each))
    return fill([...batch, a!.dims.at(-2)!, b!.dims.at(-1)!], (...index) => {
      const [i, j] = index.slice(-2) as [number, number]
      const front = index.slice(0, -2)
      return total(
        4,
        (k) => at(a!, ...within(a!, [...front, i, k])) * at(b!, ...within(b!, [...front, k, j])),
      )
    })
  },
}))

const sumRowsRows: readonly OperatorRow[] = [
  {
    name: 'sumRows',
    inputs: { x: real([2, 3, 4], { shape: ['batch', 3, 4] }) },
    build: ({ x }) => sumRows(x!, 0.5),
    expected: ({ x }) => fill([4], (k) => 0.5 * total(2, (i) => total(3, (j) => at(x!, i, j, k)))),
  },
]

export const productRows: readonly OperatorRow[] = [...gemmRows, ...addRows, ...matmulRows, ...sumRowsRows]
