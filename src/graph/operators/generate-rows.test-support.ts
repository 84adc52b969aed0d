import { constant } from '../tensor.ts'
import { at, fill, real, whole, type OperatorRow } from './check-operator.test-support.ts'
import { add, mul } from './elementwise.ts'
import * as operators from './generate.ts'

export const generateRows: readonly OperatorRow[] = [
  {
    name: 'full',
    inputs: { x: real([2, 3], { shape: ['batch', 3] }) },
    build: ({ x }) => mul(x!, operators.full(['batch', 3], 2.5)),
    expected: ({ x }) => fill([2, 3], (i, j) => 2.5 * at(x!, i, j)),
  },
  {
    name: 'full',
    variant: 'int64, no axis',
    inputs: { x: whole([2], [3, 4]) },
    build: ({ x }) => mul(x!, operators.full([], 5, 'int64')),
    expected: () => ({ dims: [2], values: [15, 20] }),
  },
  {
    name: 'range',
    inputs: { x: whole([2, 3], [1, 1, 1, 2, 2, 2], { shape: ['batch', 'time'] }) },
    build: ({ x }) => mul(x!, operators.range('time')),
    expected: () => ({ dims: [2, 3], values: [0, 1, 2, 0, 2, 4] }),
  },
  {
    name: 'range',
    variant: 'fixed',
    inputs: { x: whole([1], [1]) },
    build: ({ x }) => mul(x!, operators.range(3)),
    expected: () => ({ dims: [3], values: [0, 1, 2] }),
  },
  {
    name: 'sizeOf',
    variant: 'a symbolic product and sum',
    inputs: { x: real([2, 3], { shape: ['batch', 'time'] }) },
    build: ({ x }) => mul(x!, operators.sizeOf(['batch', '(time+1)', 5])),
    expected: ({ x }) => fill([2, 3], (i, j) => 40 * at(x!, i, j)),
  },
  {
    name: 'sizeOf',
    variant: 'fixed',
    inputs: { x: real([1]) },
    build: ({ x }) => add(mul(x!, constant(0)), operators.sizeOf([2, 3])),
    expected: () => ({ dims: [1], values: [6] }),
  },
]
