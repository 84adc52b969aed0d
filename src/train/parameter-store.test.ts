import { expect, test } from 'vitest'
import { input } from '../graph/index.ts'
import { createKernels, createPlainKernels } from '../kernels/index.ts'
import { normal, ones, uniform, zeros, type Parameter } from '../nn/index.ts'
import { createParameterStore, storeBytes } from './parameter-store.ts'

const parameter = (name: string, shape: readonly number[], rest: Partial<Parameter> = {}): Parameter => ({
  name,
  shape,
  initializer: normal(0.02),
  decay: true,
  update: 'dense',
  trainable: true,
  byCode: false,
  tensor: input(name, 'float32', shape, 'parameter'),
  ...rest,
})

const parameters: readonly Parameter[] = [
  parameter('brand', [11, 3], { update: 'rows' }),
  parameter('bias', [5], { decay: false, initializer: zeros }),
  parameter('weight', [5, 7]),
  parameter('scale', [7], { decay: false, initializer: ones }),
  parameter('item', [13, 5], { initializer: { kind: 'normal', deviation: 0.5, zeroPadding: true } }),
  parameter('shop', [9, 2], { update: 'rows', initializer: uniform(0.1) }),
]
const sizes = [33, 5, 35, 7, 65, 18]

test('every parameter has memory of its own, in the order of the parameters', () => {
  const { slots, gradients } = createParameterStore(
    createPlainKernels({ bytes: storeBytes(parameters) }),
    parameters,
    1,
  )
  expect(slots.map((slot) => slot.parameter)).toEqual(parameters)
  for (const kind of ['values', 'firstMoment', 'secondMoment', 'gradients'] as const) {
    const lengths = slots.map((slot) => slot[kind].length)
    expect(lengths).toEqual(kind === 'gradients' ? [0, 5, 35, 7, 65, 0] : sizes)
    for (const [at, slot] of slots.entries()) slot[kind].fill(at + 1)
    // A view that overlapped another would now hold the other's number.
    for (const [at, slot] of slots.entries()) expect(slot[kind].every((value) => value === at + 1)).toBe(true)
  }
  expect(gradients.toSorted()).toEqual(
    Float32Array.from([5, 35, 7, 65].flatMap((size, at) => new Array<number>(size).fill(at + 2))),
  )
})

test('the optimizer goes over each dense parameter once, decayed or not, and over no table of rows', () => {
  const { slots, stretches } = createParameterStore(
    createPlainKernels({ bytes: storeBytes(parameters) }),
    parameters,
    1,
  )
  for (const kind of ['values', 'gradients', 'firstMoment', 'secondMoment'] as const) {
    for (const slot of slots) slot[kind].fill(0)
    for (const stretch of stretches)
      stretch[kind].forEach((_, at) => (stretch[kind][at]! += stretch.decay ? 1 : 10))
    const seen = slots.map((slot) => [...new Set(slot[kind])])
    expect(seen).toEqual([
      kind === 'gradients' ? [] : [0],
      [10],
      [1],
      [10],
      [1],
      kind === 'gradients' ? [] : [0],
    ])
  }
})

test('a store without one kind of parameter has no stretch for it', () => {
  const stretches = (names: readonly string[]): readonly boolean[] => {
    const some = parameters.filter(({ name }) => names.includes(name))
    return createParameterStore(createPlainKernels({ bytes: storeBytes(some) }), some, 1).stretches.map(
      ({ decay }) => decay,
    )
  }
  expect(stretches(['weight', 'brand'])).toEqual([true])
  expect(stretches(['bias'])).toEqual([false])
  expect(stretches(['brand'])).toEqual([])
})

test('the starting values follow the initializers, the seed and nothing else', async () => {
  const start = async (seed: number, own: readonly Parameter[]): Promise<readonly Float32Array[]> => {
    const kernels = await createKernels({ bytes: storeBytes(own) })
    return createParameterStore(kernels, own, seed).slots.map(({ values }) => values.slice())
  }
  const first = await start(1, parameters)
  expect(first[1]).toEqual(new Float32Array(5))
  expect(first[3]).toEqual(new Float32Array(7).fill(1))
  expect(first[4]!.subarray(0, 5)).toEqual(new Float32Array(5)) // padding
  const deviation = (values: Float32Array): number =>
    Math.sqrt(values.reduce((all, value) => all + value * value, 0) / values.length)
  expect(deviation(first[4]!.subarray(5)) / 0.5).toBeCloseTo(1, 0)
  expect(deviation(first[2]!) / 0.02).toBeCloseTo(1, 0)
  expect(Math.max(...first[5]!.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.1))

  expect(await start(1, parameters)).toEqual(first)
  expect((await start(2, parameters))[2]).not.toEqual(first[2])
  expect((await start(1, [...parameters, parameter('more', [3, 3])])).slice(0, -1)).toEqual(first)
  const alike = await start(1, [parameter('one', [4, 4]), parameter('two', [4, 4])])
  expect(alike[0]).not.toEqual(alike[1])
})
