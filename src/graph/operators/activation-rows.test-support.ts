import { foldedGelu, gelu, geluTanh, silu } from './activation.ts'
import { at, fill, real, type OperatorRow } from './check-operator.test-support.ts'
import { erf } from './elementwise-rows.test-support.ts'

const activations = {
  foldedGelu: [foldedGelu, (a: number) => a * (1 + erf(a))],
  gelu: [gelu, (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2))],
  geluTanh: [
    geluTanh,
    (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
  silu: [silu, (x: number) => x / (1 + Math.exp(-x))],
} as const

export const activationRows: readonly OperatorRow[] = Object.entries(activations).map(
  ([name, [build, reference]]): OperatorRow => ({
    name,
    inputs: { x: real([3, 4], { shape: ['batch', 4] }) },
    build: ({ x }) => build(x!),
    ...(name !== 'geluTanh' ? { single: true } : {}),
    expected: ({ x }) => fill([3, 4], (i, j) => reference(at(x!, i, j))),
  }),
)
