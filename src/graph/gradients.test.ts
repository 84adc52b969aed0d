import { describe, expect, test } from 'vitest'
import { customGradient, gradients, stopGradient } from './gradients.ts'
import { evaluate, real, whole, type Fed } from './operators/check-operator.test-support.ts'
import { add, cast, exp, floor, greater, mul } from './operators/elementwise.ts'
import { slice, split } from './operators/layout.ts'
import { matmul } from './operators/product.ts'
import { sum } from './operators/reduce.ts'
import { gather, scatteredRows, topK } from './operators/select.ts'
import { input, type Shape, type Tensor } from './index.ts'

const parameter = (name: string, shape: Shape): Tensor => input(name, 'float32', shape, 'parameter')
const numbers = (dims: readonly number[], values: readonly number[]): Fed => ({ ...real(dims), values })

async function slope(
  loss: Tensor,
  w: Tensor,
  inputs: Readonly<Record<string, Fed>>,
): Promise<readonly number[]> {
  return (await evaluate({ loss, slope: gradients(loss, [w])[0]! }, inputs)).slope!.values
}

describe('accumulation', () => {
  test('an operand used twice gets both gradients', async () => {
    const w = parameter('w', [2])
    // d(w² + 3w)/dw = 2w + 3
    const loss = sum(add(mul(w, w), mul(w, 3)))
    expect(await slope(loss, w, { w: numbers([2], [5, -1]) })).toEqual([13, 1])
  })

  test('a value used by several operators gets all of theirs', async () => {
    const w = parameter('w', [2])
    const doubled = mul(w, 2)
    // y = 2w: d(y² + y + 10y)/dw = 2(2y + 11)
    const loss = add(add(sum(mul(doubled, doubled)), sum(doubled)), sum(mul(doubled, 10)))
    expect(await slope(loss, w, { w: numbers([2], [1, -3]) })).toEqual([30, -2])
  })

  test('a broadcast operand gets the sum over its repeats', async () => {
    const w = parameter('w', [3, 1])
    const x = input('x', 'float32', ['batch', 3, 2])
    const loss = sum(mul(x, w))
    const values = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]
    expect(await slope(loss, w, { w: numbers([3, 1], [1, 1, 1]), x: numbers([2, 3, 2], values) })).toEqual([
      33, 77, 121,
    ])
  })

  test('of several outputs of one node, those that are not used count as zero', async () => {
    const w = parameter('w', [4])
    const [, second] = split(w, { axis: 0, parts: 2 })
    expect(await slope(sum(mul(second!, 3)), w, { w: numbers([4], [1, 2, 3, 4]) })).toEqual([0, 0, 3, 3])
  })

  test('repeated rows add up in the gradient of a table, which the kernel may take as ids and rows', async () => {
    const w = parameter('w', [3, 2])
    const rows = gather(w, input('ids', 'int64', ['n']))
    const loss = sum(mul(rows, input('x', 'float32', ['n', 2])))
    const inputs = {
      w: numbers([3, 2], [0, 0, 0, 0, 0, 0]),
      ids: whole([3], [2, 0, 2]),
      x: numbers([3, 2], [1, 2, 3, 4, 5, 6]),
    }
    expect(await slope(loss, w, inputs)).toEqual([3, 4, 0, 0, 6, 8])

    const [table] = gradients(loss, [w])
    const parts = scatteredRows(table!)!
    const outputs = { places: mul(parts.ids, 1), added: parts.rows }
    const { places, added } = await evaluate(outputs, inputs)
    expect(places!.values).toEqual([2, 0, 2])
    expect(added!.values).toEqual([1, 2, 3, 4, 5, 6])
    expect(scatteredRows(add(table!, table!))).toBeUndefined()
  })

  test('gradients come in the order of the parameters', async () => {
    const [a, b] = [parameter('a', []), parameter('b', [])]
    const loss = add(mul(a, 2), mul(b, 5))
    const [db, da] = gradients(loss, [b, a])
    const { da: first, db: second } = await evaluate(
      { loss, da: da!, db: db! },
      {
        a: numbers([], [1]),
        b: numbers([], [1]),
      },
    )
    expect([first!.values, second!.values]).toEqual([[2], [5]])
  })
})

describe('rules of their own', () => {
  test("customGradient's rule replaces that of the operators inside", async () => {
    const w = parameter('w', [2])
    const y = customGradient(exp(w), [w], (dy) => [mul(dy, 100)])
    expect(await slope(sum(mul(y, 2)), w, { w: numbers([2], [0, 1]) })).toEqual([200, 200])
    const values = (await evaluate({ y }, { w: numbers([2], [0, 1]) })).y!.values
    expect(values).toEqual([1, expect.closeTo(Math.E, 12)])
  })

  test('customGradient sums what its rule gives back to the shape of the input', async () => {
    const w = parameter('w', [1])
    const x = input('x', 'float32', [3])
    const y = customGradient(mul(x, w), [x, w], (dy) => [undefined, mul(dy, x)])
    const inputs = { w: numbers([1], [1]), x: numbers([3], [1, 2, 4]) }
    expect(await slope(sum(y), w, inputs)).toEqual([7])
  })

  test('stopGradient passes the value and no gradient', async () => {
    const w = parameter('w', [2])
    const loss = sum(mul(stopGradient(mul(w, 3)), w))
    const inputs = { w: numbers([2], [5, -1]) }
    expect(await slope(loss, w, inputs)).toEqual([15, -3])
    expect((await evaluate({ loss }, inputs)).loss!.values).toEqual([78])
  })

  test('indices carry no gradient, values do', async () => {
    const w = parameter('w', [3])
    const { values, indices } = topK(w, { k: 1 })
    const loss = sum(mul(values, add(cast(indices, 'float32'), 1)))
    expect(await slope(loss, w, { w: numbers([3], [1, 7, 3]) })).toEqual([0, 2, 0])
  })
})

describe('no gradient', () => {
  const w = parameter('layer.weight', [2, 2])
  const x = input('x', 'float32', [2, 2])
  const noGradient = (pattern: RegExp): unknown =>
    expect.objectContaining({ code: 'NO_GRADIENT', message: expect.stringMatching(pattern) as string })

  test.each<[string, () => Tensor, RegExp]>([
    [
      'an operator without a rule',
      () => sum(floor(matmul(x, w))),
      /'layer\.weight'.*floor\(float32\[2, 2\]\) in 'layer'/,
    ],
    [
      'a comparison behind a cast',
      () => sum(cast(greater(w, 0), 'float32')),
      /'layer\.weight'.*cast\(bool\[2, 2\]\) in 'layer'/,
    ],
    ['a stopped gradient', () => sum(stopGradient(w)), /'layer\.weight'.*stopGradient\(float32\[2, 2\]\)/],
    [
      'a custom rule that leaves it out',
      () => sum(customGradient(mul(x, w), [w], () => [undefined])),
      /'layer\.weight'.*customGradient/,
    ],
    [
      'a loss that does not depend on it',
      () => sum(mul(x, 2)),
      /'layer\.weight'.*the loss does not depend on it/,
    ],
  ])('%s', (_, loss, pattern) => {
    expect(() => gradients(loss(), [w])).toThrow(noGradient(pattern))
  })

  test('each parameter is told its own reason', () => {
    const other = parameter('other', [2, 2])
    const loss = add(sum(floor(other)), sum(x))
    expect(() => gradients(loss, [w])).toThrow(noGradient(/does not depend on it/))
    expect(() => gradients(loss, [other])).toThrow(
      noGradient(/floor.*in 'other', made at .*gradients\.test\.ts:\d+:\d+/),
    )
  })

  test('another way around the wall is enough', async () => {
    const v = parameter('v', [2])
    expect(await slope(add(sum(floor(v)), sum(mul(v, 4))), v, { v: numbers([2], [0.5, 1.5]) })).toEqual([
      4, 4,
    ])
  })

  test.each([
    ['a loss with an axis', () => mul(w, 2)],
    ['an integer loss', () => sum(input('n', 'int64', [2]))],
  ])('%s', (_, loss) => {
    expect(() => gradients(loss(), [w])).toThrow(
      expect.objectContaining({
        code: 'SHAPE_MISMATCH',
        message: expect.stringContaining('expects a float32 scalar as loss') as string,
      }),
    )
  })

  test('a custom rule whose gradient does not fit', () => {
    const v = parameter('deep.weight', [4])
    const loss = sum(customGradient(v, [v], (dy) => [slice(dy, { axis: 0, start: 0, length: 3 })]))
    expect(() => gradients(loss, [v])).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }))
  })
})
