import { at, fill, real, total, type Fed, type OperatorRow } from './check-operator.test-support.ts'
import { mul } from './elementwise.ts'
import { layerNorm, logSoftmax, rmsNorm, softmax } from './normalize.ts'

const symbolic = real([2, 3, 4], { shape: ['batch', 'time', 4] })
const row = (x: Fed, i: number, j: number): readonly number[] => [0, 1, 2, 3].map((k) => at(x, i, j, k))
const mean = (values: readonly number[]): number =>
  total(values.length, (each) => values[each]!) / values.length
const weights = { scale: real([4], { seed: 2 }), bias: real([4], { seed: 3 }) }

function normal(values: readonly number[], at: number, epsilon: number): number {
  const center = mean(values)
  return (values[at]! - center) / Math.sqrt(mean(values.map((value) => (value - center) ** 2)) + epsilon)
}

export const normalizeRows: readonly OperatorRow[] = [
  {
    name: 'softmax',
    inputs: { x: symbolic },
    build: ({ x }) => softmax(x!),
    expected: ({ x }) =>
      fill(
        [2, 3, 4],
        (i, j, k) => Math.exp(at(x!, i, j, k)) / total(4, (each) => Math.exp(at(x!, i, j, each))),
      ),
  },
  {
    name: 'softmax',
    variant: 'large numbers do not overflow',
    inputs: { x: { ...real([3]), values: [1000, 1000, -1000] } },
    build: ({ x }) => softmax(x!),
    expected: () => ({ dims: [3], values: [0.5, 0.5, 0] }),
  },
  {
    name: 'logSoftmax',
    inputs: { x: symbolic },
    build: ({ x }) => logSoftmax(x!),
    expected: ({ x }) =>
      fill(
        [2, 3, 4],
        (i, j, k) => at(x!, i, j, k) - Math.log(total(4, (each) => Math.exp(at(x!, i, j, each)))),
      ),
  },
  {
    name: 'layerNorm',
    single: true,
    variant: 'all three gradients',
    inputs: { x: symbolic, ...weights },
    build: ({ x, scale, bias }) => layerNorm(x!, scale!, bias!),
    expected: ({ x, scale, bias }) =>
      fill([2, 3, 4], (i, j, k) => normal(row(x!, i, j), k, 1e-5) * at(scale!, k) + at(bias!, k)),
  },
  {
    name: 'layerNorm',
    single: true,
    variant: 'a large epsilon, used twice',
    inputs: { x: real([2, 4]), ...weights },
    build: ({ x, scale, bias }) => {
      const y = layerNorm(x!, scale!, bias!, { epsilon: 0.5 })
      return mul(y, y)
    },
    expected: ({ x, scale, bias }) =>
      fill([2, 4], (i, k) => {
        const values = [0, 1, 2, 3].map((each) => at(x!, i, each))
        return (normal(values, k, 0.5) * at(scale!, k) + at(bias!, k)) ** 2
      }),
  },
  {
    name: 'rmsNorm',
    inputs: { x: symbolic, scale: weights.scale },
    build: ({ x, scale }) => rmsNorm(x!, scale!, { epsilon: 0.1 }),
    expected: ({ x, scale }) =>
      fill([2, 3, 4], (i, j, k) => {
        const square = mean(row(x!, i, j).map((value) => value ** 2))
        return (at(x!, i, j, k) / Math.sqrt(square + 0.1)) * at(scale!, k)
      }),
  },
]
