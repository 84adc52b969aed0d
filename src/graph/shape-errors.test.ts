import { describe, expect, test } from 'vitest'
import {
  add,
  and,
  cast,
  concat,
  constant,
  cumulativeSum,
  exp,
  expand,
  gather,
  gemm,
  input,
  layerNorm,
  logSoftmax,
  matmul,
  max,
  mul,
  neg,
  not,
  oneHot,
  pad,
  pick,
  relu,
  reshape,
  rmsNorm,
  scatterAdd,
  slice,
  softmax,
  split,
  sum,
  sumTo,
  topK,
  transpose,
  where,
  type Shape,
  type Tensor,
} from './index.ts'

const w = input('blocks.0.linear.weight', 'float32', [3, 4], 'parameter')
const hidden = relu(mul(w, 2))
const data = (shape: Shape): Tensor => input('x', 'float32', shape)
const ids = (shape: Shape): Tensor => input('ids', 'int64', shape)
const flag = (shape: Shape): Tensor => input('flag', 'bool', shape)

const misfits: readonly (readonly [string, () => unknown, string])[] = [
  [
    'add',
    () => add(hidden, data(['batch', 3])),
    'cannot broadcast [3, 4] and [batch, 3]: they differ at axis 0',
  ],
  ['add', () => add(hidden, ids([3, 4])), 'expects two operands of one dtype'],
  ['and', () => and(flag([4]), hidden), 'expects two operands of one dtype'],
  ['where', () => where(hidden, 1, 0), 'expects a bool and two operands of one dtype'],
  ['where', () => where(flag([5]), hidden, 0), 'cannot broadcast [5] and [3, 4] and []'],
  ['not', () => not(hidden), 'expects bool'],
  ['exp', () => exp(gather(ids([3]), cast(hidden, 'int64'))), 'expects float32'],
  ['neg', () => neg(not(cast(hidden, 'bool'))), 'expects float32 or int32 or int64'],
  ['matmul', () => matmul(data(['batch', 5]), hidden), 'expects inner sizes that agree (5 and 3)'],
  ['matmul', () => matmul(data([3]), hidden), 'expects float32 matrices'],
  ['matmul', () => matmul(ids([2, 3]), hidden), 'expects float32 matrices'],
  [
    'matmul',
    () => matmul(data([2, 5, 3]), expand(reshape(hidden, [1, 3, 4]), [3, 3, 4])),
    'cannot broadcast [2] and [3]',
  ],
  ['gemm', () => gemm(data(['batch', 5]), hidden), 'expects inner sizes that agree (5 and 3)'],
  [
    'gemm',
    () => gemm(data(['batch', 3]), hidden, { transposeB: true }),
    'expects inner sizes that agree (3 and 4)',
  ],
  ['gemm', () => gemm(data([2, 5, 3]), hidden), 'expects two float32 matrices'],
  ['gemm', () => gemm(data(['batch', 3]), hidden, { add: data([3]) }), 'cannot broadcast [3] and [batch, 4]'],
  [
    'gemm',
    () => gemm(data(['batch', 3]), hidden, { add: data([2, 'batch', 4]) }),
    'cannot add [2, batch, 4] to [batch, 4]',
  ],
  ['reshape', () => reshape(hidden, [5, -1]), 'cannot become [5, -1]'],
  [
    'reshape',
    () => reshape(hidden, ['batch', 4]),
    'cannot become [batch, 4]: the numbers of elements differ',
  ],
  ['transpose', () => transpose(hidden, [0, 0]), 'expects a permutation of its axes, got [0, 0]'],
  ['transpose', () => transpose(hidden, [0, 1, 2]), 'expects a permutation of its axes, got [0, 1, 2]'],
  ['expand', () => expand(hidden, [3, 5]), 'cannot broadcast [3, 4] and [3, 5]'],
  ['expand', () => expand(hidden, [1, 4]), 'cannot become [1, 4]'],
  ['slice', () => slice(hidden, { axis: 1, start: 2, length: 3 }), 'cannot take 3 elements from 2 at axis 1'],
  ['slice', () => slice(hidden, { axis: 1, start: 5 }), 'cannot take -1 elements from 5 at axis 1'],
  ['slice', () => slice(hidden, { axis: 2, start: 0 }), 'has no axis 2'],
  ['concat', () => concat([hidden, data([3, 5])], { axis: 0 }), 'expects shapes that differ at axis 0 only'],
  ['concat', () => concat([hidden, ids([3, 4])], { axis: 0 }), 'expects shapes that differ at axis 0 only'],
  ['concat', () => concat([hidden], { axis: -3 }), 'has no axis -3'],
  ['split', () => split(hidden, { axis: 1, parts: 3 }), 'cannot be cut in 3 at axis 1'],
  ['split', () => split(hidden, { axis: 1, parts: 0 }), 'cannot be cut in 0 at axis 1'],
  [
    'pad',
    () => pad(hidden, { axis: 1, before: -1, after: 0 }),
    'cannot add -1 elements before and 0 after axis 1',
  ],
  ['sum', () => sum(hidden, { axes: [2] }), 'has no axis 2'],
  ['max', () => max(cast(hidden, 'bool')), 'expects numbers'],
  ['cumulativeSum', () => cumulativeSum(hidden, { axis: 0.5 }), 'has no axis 0.5'],
  ['softmax', () => softmax(sum(hidden)), 'expects float32 with an axis'],
  ['logSoftmax', () => logSoftmax(cast(hidden, 'int32')), 'expects float32 with an axis'],
  [
    'layerNorm',
    () => layerNorm(hidden, data([3]), data([4])),
    'expects a scale and a bias of the size of the last axis',
  ],
  ['layerNorm', () => layerNorm(hidden, data([4]), data([1, 4])), 'expects a scale and a bias'],
  ['mul', () => rmsNorm(hidden, data([3])), 'cannot broadcast [3, 4] and [3]'],
  ['gather', () => gather(hidden, data([2])), 'expects integer indices'],
  ['gather', () => gather(hidden, ids([2]), { axis: 2 }), 'has no axis 2'],
  [
    'scatterAdd',
    () => scatterAdd(hidden, ids(['n']), data(['n', 5])),
    'expects base [items, …], ids [n], rows [n, …]',
  ],
  ['scatterAdd', () => scatterAdd(hidden, ids(['n', 1]), data(['n', 4])), 'expects base [items, …]'],
  ['pick', () => pick(hidden, ids([2, 1])), 'expects indices with the same leading axes'],
  ['pick', () => pick(hidden, ids([3])), 'expects indices with the same leading axes'],
  ['topK', () => topK(hidden, { k: 5 }), 'cannot give the 5 largest of 4'],
  ['topK', () => topK(sum(hidden), { k: 1 }), 'cannot give the 1 largest of a scalar'],
  ['oneHot', () => oneHot(hidden, { depth: 3 }), 'expects integer indices'],
  ['reshape', () => sumTo(hidden, [2]), 'cannot become [2]'],
]

describe('shapes that do not fit', () => {
  test.each(misfits)('%s: %3$s', (operator, build, reason) => {
    let failure: unknown
    try {
      build()
    } catch (caught) {
      failure = caught
    }
    expect(failure).toMatchObject({ code: 'SHAPE_MISMATCH' })
    const { message } = failure as Error
    expect(message).toContain(reason)
    expect(message).toContain(`${operator} in 'blocks.0.linear'`)
    expect(message).toMatch(/; received \S+\[.*\]/)
    expect(message).toMatch(/Made at \S*shape-errors\.test\.ts:\d+:\d+\.$/)
  })

  test('the line is that of the call', () => {
    const message = (build: () => unknown): string => {
      try {
        build()
        return ''
      } catch (caught) {
        return (caught as Error).message
      }
    }
    const line = (text: string): number => Number(/test\.ts:(\d+):/.exec(text)?.[1])
    const here = line(new Error().stack?.split('\n').find((each) => each.includes('shape-errors')) ?? '')
    const later = message(() => add(hidden, data([7])))
    expect(line(later)).toBe(here + 1)
  })

  test('a constant of the wrong length', () => {
    expect(() => constant([1, 2, 3], [2, 2])).toThrow(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: 'A constant of shape [2, 2] needs 4 values, received 3.',
      }),
    )
  })
})
