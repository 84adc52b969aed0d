import { describe, expect, test } from 'vitest'
import { input } from '../graph/index.ts'
import { createKernels, createPlainKernels } from '../kernels/index.ts'
import { normal, ones, uniform, zeros, type Parameter } from '../nn/index.ts'
import { optimizerOptions } from './optimizer.ts'
import type { OptimizerOptions } from './optimizers/index.ts'
import { createParameterStore, storeBytes, type ParameterStore, type Slot } from './parameter-store.ts'
import { defaultPlan, updatePlan, type UpdatePlan } from './update-plan.ts'

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
const plan = defaultPlan()

const storeOf = (some: readonly Parameter[], of: UpdatePlan = plan): ParameterStore =>
  createParameterStore(createPlainKernels({ bytes: storeBytes(some, of) }), some, { seed: 1, plan: of })
const vector = (slot: Slot, kind: 'values' | 'gradients' | 'first' | 'second'): Float32Array =>
  kind === 'values' || kind === 'gradients' ? slot[kind] : slot.states[kind]!

test('every parameter has memory of its own, in the order of the parameters', () => {
  const { slots, gradients } = storeOf(parameters)
  expect(slots.map((slot) => slot.parameter)).toEqual(parameters)
  for (const kind of ['values', 'first', 'second', 'gradients'] as const) {
    const lengths = slots.map((slot) => vector(slot, kind).length)
    expect(lengths).toEqual(kind === 'gradients' ? [0, 5, 35, 7, 65, 0] : sizes)
    for (const [at, slot] of slots.entries()) vector(slot, kind).fill(at + 1)
    // A view that overlapped another would now hold the other's number.
    for (const [at, slot] of slots.entries())
      expect(vector(slot, kind).every((value) => value === at + 1)).toBe(true)
  }
  expect(gradients.toSorted()).toEqual(
    Float32Array.from([5, 35, 7, 65].flatMap((size, at) => new Array<number>(size).fill(at + 2))),
  )
})

test('the optimizer goes over each dense parameter once, decayed or not, and over no table of rows', () => {
  const { slots, stretches } = storeOf(parameters)
  for (const [at, kind] of (['values', 'gradients', 'first', 'second'] as const).entries()) {
    for (const slot of slots) vector(slot, kind).fill(0)
    for (const { update, parameters: own, gradients, states } of stretches) {
      const stretch = [own, gradients, ...states][at]!
      stretch.forEach((_, place) => (stretch[place]! += update.weightDecay > 0 ? 1 : 10))
    }
    const seen = slots.map((slot) => [...new Set(vector(slot, kind))])
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
    return storeOf(some).stretches.map(({ update }) => update.weightDecay > 0)
  }
  expect(stretches(['weight', 'brand'])).toEqual([true])
  expect(stretches(['bias'])).toEqual([false])
  expect(stretches(['brand'])).toEqual([])
})

describe('an optimizer holds no more than it needs', () => {
  const [elements, rows] = [sizes.reduce((sum, size) => sum + size), 11 + 13 + 9]
  const states = ({ slots }: ParameterStore): number =>
    slots.flatMap((slot) => Object.values(slot.states)).reduce((sum, { length }) => sum + length, 0)
  const codes = parameters.map((each) =>
    ['brand', 'item', 'shop'].includes(each.name) ? { ...each, byCode: true } : each,
  )
  test.each<[string, OptimizerOptions, number]>([
    ['two vectors', { kind: 'adam' }, 2 * elements],
    ['none', { kind: 'sgd' }, 0],
    ['one', { kind: 'sgd', momentum: 0.9 }, elements],
    ['one', { kind: 'adagrad' }, elements],
    // Of the three tables a number a row, of the rest one an element.
    ['a number a row', { kind: 'adagrad', rowWise: true }, rows + 5 + 35 + 7],
  ])('%s: %j', (_, options, expected) => {
    const own = updatePlan({ optimizer: optimizerOptions(options) })
    const store = storeOf(codes, own)
    expect(states(store)).toBe(expected)
    const most = 4 * (2 * elements - 33 - 18 + expected) + 64 * 24
    expect(storeBytes(codes, own)).toBeLessThanOrEqual(most)
  })

  test('sums begin where they are told to, and averages are only there where they are asked for', () => {
    const optimizer = optimizerOptions({ kind: 'adagrad', initialSum: 0.25 })
    const store = storeOf(parameters, updatePlan({ optimizer, averaging: { decay: 0.9, from: 0 } }))
    for (const { states: own, average, values } of store.slots) {
      expect(new Set(own['sum'])).toEqual(new Set([0.25]))
      expect(average).toEqual(values)
    }
    expect(storeOf(parameters).slots.every(({ average }) => average === undefined)).toBe(true)
  })
})

test('the starting values follow the initializers, the seed and nothing else', async () => {
  const start = async (seed: number, own: readonly Parameter[]): Promise<readonly Float32Array[]> => {
    const kernels = await createKernels({ bytes: storeBytes(own, plan) })
    return createParameterStore(kernels, own, { seed, plan }).slots.map(({ values }) => values.slice())
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
