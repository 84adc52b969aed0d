import { at, fill, flags, real, whole, type Fed, type OperatorRow } from './check-operator.test-support.ts'
import * as operators from './elementwise.ts'
import type { Tensor } from '../tensor.ts'

/** erf by its series, to 1e-15 for the small arguments here. */
export function erf(x: number): number {
  let [term, sum] = [x, x]
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

type Unary =
  'neg' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'abs' | 'sign' | 'floor' | 'erf' | 'tanh' | 'sigmoid'
type Others = 'relu' | 'softplus' | 'sin' | 'cos'

const unaries: Readonly<Record<Unary | Others, (x: number) => number>> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  erf,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
  softplus: (x) => Math.log1p(Math.exp(x)),
  sin: Math.sin,
  cos: Math.cos,
}

const unaryRows = Object.entries(unaries).map(([name, reference]): OperatorRow => {
  const x = real([2, 5], name === 'log' || name === 'sqrt' ? { positive: true } : {})
  return {
    name,
    inputs: { x },
    build: ({ x }) => operators[name as Unary | Others](x!),
    expected: ({ x }) => fill(x!.dims, (...index) => reference(at(x!, ...index))),
    ...(name === 'erf' ? { single: true } : {}),
    ...(name === 'sign' || name === 'floor' ? { differentiated: [] } : {}),
  }
})

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'pow'
type Comparison = 'equal' | 'less' | 'greater' | 'lessOrEqual' | 'greaterOrEqual'

const binaries: Readonly<Record<Binary | Comparison, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  pow: Math.pow,
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  greater: (a, b) => Number(a > b),
  lessOrEqual: (a, b) => Number(a <= b),
  greaterOrEqual: (a, b) => Number(a >= b),
}

const apply = (name: string, a: Tensor | number, b: Tensor | number): Tensor =>
  operators[name as Binary | Comparison](a, b)

const binaryRows = Object.entries(binaries).flatMap(([name, reference]): readonly OperatorRow[] => {
  const sign = name === 'pow' ? { positive: true as const } : {}
  const a = real([2, 3, 4], { seed: 1, ...sign })
  const b = real([3, 1], { seed: 2, ...sign })
  // One shared value, so that equality is seen both ways.
  const tied: Fed = ['equal', 'lessOrEqual', 'greaterOrEqual', 'less', 'greater'].includes(name)
    ? { ...b, values: [a.values[0]!, ...b.values.slice(1)] }
    : b
  return [
    {
      name,
      variant: 'the second operand is broadcast',
      inputs: { a, b: tied },
      build: ({ a, b }) => apply(name, a!, b!),
      expected: ({ a, b }) => fill([2, 3, 4], (i, j, k) => reference(at(a!, i, j, k), at(b!, j, 0))),
    },
    {
      name,
      variant: 'the first operand is broadcast, sizes are symbolic',
      inputs: {
        a: real([3], { seed: 5, ...sign }),
        b: real([2, 3], { seed: 6, shape: ['batch', 3], ...sign }),
      },
      build: ({ a, b }) => apply(name, a!, b!),
      expected: ({ a, b }) => fill([2, 3], (i, j) => reference(at(a!, j), at(b!, i, j))),
    },
    {
      name,
      variant: 'a number on the right',
      inputs: { a },
      build: ({ a }) => apply(name, a!, 0.7),
      expected: ({ a }) => fill(a!.dims, (...index) => reference(at(a!, ...index), 0.7)),
    },
    {
      name,
      variant: 'a number on the left',
      inputs: { a },
      build: ({ a }) => apply(name, 0.7, a!),
      expected: ({ a }) => fill(a!.dims, (...index) => reference(0.7, at(a!, ...index))),
    },
  ]
})

const bits = { a: flags([2, 2], [0, 0, 1, 1]), b: flags([2], [0, 1]) }

export const elementwiseRows: readonly OperatorRow[] = [
  ...unaryRows,
  ...binaryRows,
  {
    name: 'neg',
    variant: 'int64',
    inputs: { x: whole([3], [0, 5, -7]) },
    build: ({ x }) => operators.neg(x!),
    expected: () => ({ dims: [3], values: [0, -5, 7] }),
  },
  {
    name: 'add',
    variant: 'int64 and a number',
    inputs: { x: whole([3], [0, 5, -7]) },
    build: ({ x }) => operators.add(x!, 2),
    expected: () => ({ dims: [3], values: [2, 7, -5] }),
  },
  {
    name: 'not',
    inputs: { x: flags([2], [0, 1]) },
    build: ({ x }) => operators.not(x!),
    expected: () => ({ dims: [2], values: [1, 0] }),
  },
  {
    name: 'and',
    inputs: bits,
    build: ({ a, b }) => operators.and(a!, b!),
    expected: () => ({ dims: [2, 2], values: [0, 0, 0, 1] }),
  },
  {
    name: 'or',
    inputs: bits,
    build: ({ a, b }) => operators.or(a!, b!),
    expected: () => ({ dims: [2, 2], values: [0, 1, 1, 1] }),
  },
  {
    name: 'where',
    variant: 'all three are broadcast',
    inputs: {
      condition: flags([3, 1], [1, 0, 1]),
      yes: real([2, 1, 4], { seed: 3 }),
      no: real([4], { seed: 4 }),
    },
    build: ({ condition, yes, no }) => operators.where(condition!, yes!, no!),
    expected: ({ condition, yes, no }) =>
      fill([2, 3, 4], (i, j, k) => (at(condition!, j, 0) === 1 ? at(yes!, i, 0, k) : at(no!, k))),
  },
  {
    name: 'where',
    variant: 'a number',
    inputs: { condition: flags([3], [1, 0, 1]), yes: real([3]) },
    build: ({ condition, yes }) => operators.where(condition!, yes!, -1),
    expected: ({ yes }) => ({ dims: [3], values: [at(yes!, 0), -1, at(yes!, 2)] }),
  },
  {
    name: 'cast',
    variant: 'float32 to int64',
    inputs: { x: real([4]) },
    build: ({ x }) => operators.cast(x!, 'int64'),
    expected: ({ x }) => fill([4], (i) => Math.trunc(at(x!, i)) + 0),
  },
  {
    name: 'cast',
    variant: 'bool to float32',
    inputs: { x: flags([3], [0, 1, 1]) },
    build: ({ x }) => operators.cast(x!, 'float32'),
    expected: () => ({ dims: [3], values: [0, 1, 1] }),
  },
  {
    name: 'cast',
    variant: 'int64 to int32, and to itself',
    inputs: { x: whole([3], [0, 1, -2]) },
    build: ({ x }) => operators.cast(operators.cast(x!, 'int32'), 'int32'),
    expected: () => ({ dims: [3], values: [0, 1, -2] }),
  },
]
