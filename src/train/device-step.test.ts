import { describe, expect, test } from 'vitest'
import { planTraining } from '../data/index.ts'
import type { Runtime } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { createStep } from './create-step.ts'
import { createDeviceStep } from './device-step.ts'
import { optimizerOptions } from './optimizer.ts'
import type { OptimizerOptions } from './optimizers/index.ts'
import { createTrainingStep, type StepResult, type TrainingStep } from './step.ts'
import { randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { updatePlan } from './update-plan.ts'

const runtime = nodeRuntime({ threads: 2 })
const sessions = sessionsOf(randomSessions(120, 3))
const plan = planTraining(sessions, { maxLength: 8, batchSize: 24, seed: 4, epoch: 1 })
/**
 * `epsilon`: the keys' bias has no gradient but for rounding (softmax does not see it, some 1e-12), and an epsilon near that
 * would make steps of full size out of the difference of two roundings.
 */
const optimizer = optimizerOptions({ learningRate: 0.01, weightDecay: 0.1, clipNorm: 0.7, epsilon: 1e-6 })
const options = { seed: 4, maxRows: 24, maxTime: 8, plan: updatePlan({ optimizer }) }

async function run(step: TrainingStep, from: number, to: number): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  for (let update = from; update <= to; update++) {
    // A rate of its own for each update, as a schedule gives.
    const learningRate = optimizer.learningRate / Math.sqrt(update)
    results.push(await step.run([plan.batch((update - 1) % plan.count)], { update, learningRate }))
  }
  return results
}

/** Copies of everything that is trained. */
const contents = (step: TrainingStep): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(
    step.store.slots.flatMap(({ parameter, values, states, average }) =>
      Object.entries({ value: values, ...states, ...(average && { average }) }).map(
        ([of, data]) => [`${of} ${parameter.name}`, data.slice()] as const,
      ),
    ),
  )

/** The largest distance between two contents. */
function distance(left: ReturnType<typeof contents>, right: ReturnType<typeof contents>): number {
  expect(Object.keys(left)).toEqual(Object.keys(right))
  return Math.max(
    ...Object.entries(left).flatMap(([name, values]) =>
      Array.from(values, (value, at) => Math.abs(value - right[name]![at]!)),
    ),
  )
}

const models: readonly (readonly [string, Model])[] = [
  ['SASRec with a table updated by rows', tinyModel({ block: 'sasrec', brand: true })],
  ['GPT-2 with a table updated by rows', tinyModel({ block: 'gpt2', brand: true })],
  ['SASRec without dropout', tinyModel({ dropout: 0 })],
]

describe.each(models)('%s', (_, model) => {
  test('ten steps in the graph equal ten steps of the kernels', async () => {
    const [kernels, device] = await Promise.all([
      createTrainingStep(model, runtime, options),
      createDeviceStep(model, runtime, options),
    ])
    const start = contents(kernels)
    const expected = await run(kernels, 1, 10)
    const received = await run(device, 1, 10)
    for (const [at, { loss, gradientNorm, labels }] of expected.entries()) {
      expect(Math.abs(received[at]!.loss - loss)).toBeLessThan(1e-5)
      expect(Math.abs(received[at]!.gradientNorm - gradientNorm)).toBeLessThan(1e-5)
      expect(received[at]!.labels).toBe(labels)
    }
    expect(expected.some(({ gradientNorm }) => gradientNorm > optimizer.clipNorm)).toBe(true)
    expect(device.maskState).toEqual(kernels.maskState)

    expect(distance(contents(device), start)).toBe(0) // nothing was pulled
    await device.pull()
    expect(distance(contents(kernels), start)).toBeGreaterThan(0.01)
    expect(distance(contents(device), contents(kernels))).toBeLessThan(1e-5)
    await Promise.all([kernels.close(), device.close()])
  })
})

test.each<[OptimizerOptions]>([
  [{ kind: 'adam', weightDecay: 0.1, epsilon: 1e-6 }],
  [{ kind: 'sgd', weightDecay: 0.1, momentum: 0.9, nesterov: true }],
  [{ kind: 'sgd' }],
  [{ kind: 'adagrad', weightDecay: 0.1, epsilon: 1e-6 }],
  [{ kind: 'adagrad', rowWise: true, epsilon: 1e-6 }],
])('ten steps in the graph equal ten of the kernels, with an average: %j', async (own) => {
  const model = tinyModel({ brand: true })
  const averaging = { decay: 0.7, from: 2 }
  const given = { ...options, plan: updatePlan({ optimizer: optimizerOptions(own), averaging }) }
  const [kernels, device] = await Promise.all([
    createTrainingStep(model, runtime, given),
    createDeviceStep(model, runtime, given),
  ])
  const start = contents(kernels)
  await run(kernels, 1, 10)
  await run(device, 1, 10)
  await device.pull()
  expect(distance(contents(kernels), start)).toBeGreaterThan(0.001)
  expect(distance(contents(device), contents(kernels))).toBeLessThan(1e-5)
  // Rows that no batch touched keep their bytes, whatever the optimizer.
  const at = model.parameters.findIndex(({ name }) => name === 'categorical.brand.weight')
  const touched = new Set(
    Array.from({ length: plan.count }, (_, batch) => [...plan.batch(batch).categorical['brand']!]).flat(),
  )
  const width = model.parameters[at]!.shape[1]!
  const rowsOf = (values: Float32Array): readonly Float32Array[] =>
    Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width))
  const before = rowsOf(start['value categorical.brand.weight']!)
  for (const step of [kernels, device])
    for (const [row, values] of rowsOf(step.store.slots[at]!.values).entries())
      expect(values.every((value, place) => value === before[row]![place])).toBe(
        !touched.has(row) || row === 0,
      )
  await Promise.all([kernels.close(), device.close()])
})

test('a row that no batch touched keeps its bytes in both places, decay or not', async () => {
  const model = tinyModel({ brand: true })
  for (const create of [createTrainingStep, createDeviceStep]) {
    const step = await create(model, runtime, options)
    const slot = step.store.slots.find(({ parameter }) => parameter.name === 'categorical.brand.weight')!
    const width = slot.parameter.shape[1]!
    const before = slot.values.slice()
    const batch = plan.batch(0)
    await step.run([batch], { update: 1, learningRate: 0.01 })
    await step.pull()
    const touched = new Set(batch.categorical['brand'])
    const moved = Array.from({ length: slot.parameter.shape[0]! }, (_, row) =>
      slot.values
        .subarray(row * width, (row + 1) * width)
        .some((value, at) => value !== before[row * width + at]),
    )
    // The row of padding is zero, touched or not.
    expect(moved).toEqual(moved.map((_, row) => row !== 0 && touched.has(row)))
    expect(moved).toContain(true)
    expect(moved.slice(2)).toContain(false)
    await step.close()
  }
})

test('what is pushed is gone on from, bit for bit', async () => {
  const model = tinyModel({ brand: true })
  const whole = await createDeviceStep(model, runtime, options)
  await run(whole, 1, 6)
  await whole.pull()

  const first = await createDeviceStep(model, runtime, options)
  await run(first, 1, 3)
  await first.pull()
  const second = await createDeviceStep(model, runtime, { ...options, seed: 5 })
  await run(second, 1, 2) // what it holds must give way
  for (const [at, slot] of second.store.slots.entries()) {
    const from = first.store.slots[at]!
    slot.values.set(from.values)
    for (const [name, state] of Object.entries(slot.states)) state.set(from.states[name]!)
  }
  second.maskState.set(first.maskState)
  second.push()
  await run(second, 4, 6)
  await second.pull()
  expect(distance(contents(second), contents(whole))).toBe(0)
  await Promise.all([whole, first, second].map((step) => step.close()))
})

test.each([
  ['kernels', createTrainingStep],
  ['graph', createDeviceStep],
])('a step that diverges leaves all as it was (%s)', async (_, create) => {
  const model = tinyModel({ brand: true, dropout: 0 })
  const [step, undisturbed] = [await create(model, runtime, options), await create(model, runtime, options)]
  for (const each of [step, undisturbed]) {
    await run(each, 1, 2)
    // The weights are finite after this update, and the loss is not.
    await each.run([plan.batch(2)], { update: 3, learningRate: 1e25 })
  }
  for (const update of [4, 5])
    await expect(step.run([plan.batch(3)], { update, learningRate: 0.01 })).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
    })
  await Promise.all([step.pull(), undisturbed.pull()])
  expect(Object.values(contents(step)).every((values) => values.every(Number.isFinite))).toBe(true)
  expect(distance(contents(step), contents(undisturbed))).toBe(0)
  await Promise.all([step.close(), undisturbed.close()])
})

test('a step that fails for another reason leaves all as it was, and can be made again', async () => {
  const model = tinyModel({ brand: true, dropout: 0 })
  const [step, undisturbed] = await Promise.all([
    createDeviceStep(model, runtime, options),
    createDeviceStep(model, runtime, options),
  ])
  await run(step, 1, 2)
  await run(undisturbed, 1, 3)
  const batch = plan.batch(2)
  await expect(step.run([batch], { update: 3, learningRate: NaN })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  const outside = { ...batch, items: batch.items.map(() => 5000) }
  await expect(step.run([outside], { update: 3, learningRate: 0.01 })).rejects.toMatchObject({
    code: 'RUNTIME_FAILED',
  })
  await run(step, 3, 3)
  await Promise.all([step.pull(), undisturbed.pull()])
  expect(distance(contents(step), contents(undisturbed))).toBe(0)
  await Promise.all([step.close(), undisturbed.close()])
})

test('every handle is given back: each step those of the step before, the end the last', async () => {
  const model = tinyModel({ dropout: 0 })
  let alive = 0
  const counting: Runtime = {
    ...runtime,
    compile: async (graph, given) => {
      const program = await runtime.compile(graph, given)
      return {
        ...program,
        runKeeping: async (feeds) => {
          const { kept, outputs } = await program.runKeeping(feeds)
          alive += Object.keys(kept).length
          const counted = Object.values(kept).map((handle) => {
            const dispose = handle.dispose.bind(handle)
            const countedDispose = (): void => {
              alive--
              dispose()
            }
            return Object.assign(handle, { dispose: countedDispose })
          })
          expect(counted.length).toBe(3 * model.parameters.length)
          return { kept, outputs }
        },
      }
    },
  }
  const step = await createDeviceStep(model, counting, options)
  await run(step, 1, 3)
  expect(alive).toBe(3 * model.parameters.length)
  step.push()
  expect(alive).toBe(0)
  await step.run([plan.batch(0)], { update: 1, learningRate: 1e25 })
  await expect(step.run([plan.batch(1)], { update: 2, learningRate: 0.01 })).rejects.toMatchObject({
    code: 'TRAINING_DIVERGED',
  })
  expect(alive).toBe(3 * model.parameters.length)
  await step.close()
  expect(alive).toBe(0)
})

test('the device decides which step is made', async () => {
  const model = tinyModel({ dropout: 0 })
  const elsewhere = { ...runtime, device: 'cuda' as const }
  const kept: (readonly string[] | undefined)[] = []
  for (const where of [runtime, elsewhere]) {
    const step = await createStep(
      model,
      {
        ...where,
        compile: (graph, given) => {
          kept.push(given?.keep)
          return where.compile(graph, given)
        },
      },
      options,
    )
    await step.close()
  }
  expect(kept[0]).toBeUndefined()
  expect(kept[1]).toHaveLength(3 * model.parameters.length)
})
