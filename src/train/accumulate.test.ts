import { describe, expect, test } from 'vitest'
import { modelFromDescription } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import { planTraining, type Batch, type Sessions } from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { createRandom } from '../random.ts'
import { createDeviceStep } from './device-step.ts'
import { optimizerOptions } from './optimizer.ts'
import { shares } from './shares.ts'
import { createTrainingStep, type StepResult, type TrainingStep } from './step.ts'
import { BRANDS, ITEMS, randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { updatePlan } from './update-plan.ts'

const runtime = nodeRuntime({ threads: 2 })
const steps = [
  ['kernels', createTrainingStep],
  ['graph', createDeviceStep],
] as const

/** Sessions with a price that is missing in two events of three, and a brand that is unknown in half of them. */
function sparse(): Sessions {
  const codes = randomSessions(60, 3)
  const sessions = sessionsOf(codes)
  const random = createRandom(8)
  const price = Float32Array.from(sessions.items, () => (random.below(3) > 0 ? NaN : random.uniform()))
  const brand = sessions.categorical['brand']!.map((code) => (random.below(2) > 0 ? 1 : code))
  return { ...sessions, continuous: { price }, categorical: { brand } }
}

/** Heads whose means are over different counts: labels, those with a price, and sessions with a brand. */
const severalHeads = modelFromDescription({
  schema: { items: ITEMS + RESERVED, categorical: { brand: BRANDS }, continuous: ['price'] },
  inputs: { leaveOut: ['price', 'brand'] },
  maxLength: 8,
  masking: { kind: 'causal', options: {} },
  block: { kind: 'sasrec', options: { width: 16, layers: 1, heads: 2, dropout: 0 } },
  heads: [
    { kind: 'next-item', options: {} },
    { kind: 'regression', options: { target: 'price', weight: 2 } },
    { kind: 'multi-class', options: { target: 'brand', classes: BRANDS - RESERVED, summary: 'last' } },
  ],
})
const models: readonly (readonly [string, Model])[] = [
  ['a table updated by rows', tinyModel({ brand: true, dropout: 0 })],
  ['several heads with targets that are missing', severalHeads],
]

const sessions = sparse()
const batchesOf = (model: Model, batchSize: number): readonly Batch[] => {
  const plan = planTraining(sessions, {
    ...{ maxLength: 8, batchSize, seed: 4, epoch: 1 },
    ...model.batchRules,
  })
  return Array.from({ length: plan.count }, (_, at) => plan.batch(at))
}

/** Two of a batch twice as large are as many of this one: the last is a small one. */
const grouped = (batches: readonly Batch[], size: number): readonly (readonly Batch[])[] =>
  Array.from({ length: Math.ceil(batches.length / size) }, (_, at) =>
    batches.slice(at * size, (at + 1) * size),
  )

const plan = updatePlan({
  optimizer: optimizerOptions({ kind: 'sgd', momentum: 0.9, weightDecay: 0.01, clipNorm: 0.5 }),
})

async function trained(
  step: TrainingStep,
  updates: readonly (readonly Batch[])[],
): Promise<{ readonly results: readonly StepResult[]; readonly values: readonly Float32Array[] }> {
  const results: StepResult[] = []
  for (const [at, batches] of updates.entries())
    results.push(await step.run(batches, { update: at + 1, learningRate: 0.1 }))
  await step.pull()
  const values = step.store.slots.map((slot) => slot.values.slice())
  await step.close()
  return { results, values }
}

describe.each(steps)('batches that accumulate are one larger batch, %s', (_, create) => {
  test.each(models)('%s', async (_what, model) => {
    const options = { seed: 4, maxRows: 25, maxTime: model.places, plan }
    const large = await trained(await create(model, runtime, options), grouped(batchesOf(model, 25), 1))
    const small = await create(model, runtime, { ...options, maxRows: 9, accumulate: 3 })
    // 25, 25 and 10 sessions, of 9 + 9 + 7 and so on: they are of different sizes.
    const cut = batchesOf(model, 25).map((batch) => [...batch.sessionIndices])
    const pieces = cut.map((indices) => [indices.slice(0, 9), indices.slice(9, 18), indices.slice(18)])
    const updates = pieces.map((own) =>
      own.filter((each) => each.length > 0).map((each) => only(model, each)),
    )
    const together = await trained(small, updates)
    for (const [at, { loss, labels, gradientNorm }] of large.results.entries()) {
      expect(together.results[at]!.labels).toBe(labels)
      expect(Math.abs(together.results[at]!.loss - loss)).toBeLessThan(1e-5)
      expect(Math.abs(together.results[at]!.gradientNorm - gradientNorm)).toBeLessThan(1e-5)
    }
    for (const [at, values] of large.values.entries()) {
      const worst = Math.max(...values.map((value, place) => Math.abs(value - together.values[at]![place]!)))
      expect(worst, model.parameters[at]!.name).toBeLessThan(1e-5)
    }
  })
})

/** The batch of these sessions. */
function only(model: Model, indices: readonly number[]): Batch {
  const offsets = [0]
  const events: number[] = []
  for (const index of indices) {
    for (let event = sessions.offsets[index]!; event < sessions.offsets[index + 1]!; event++)
      events.push(event)
    offsets.push(events.length)
  }
  const { brand } = sessions.categorical
  const part: Sessions = {
    ...{ count: indices.length, offsets: Int32Array.from(offsets), ids: indices.map(String) },
    items: Int32Array.from(events, (event) => sessions.items[event]!),
    categorical: { brand: Int32Array.from(events, (event) => brand![event]!) },
    continuous: { price: Float32Array.from(events, (event) => sessions.continuous['price']![event]!) },
  }
  return planTraining(part, {
    ...{ maxLength: 8, batchSize: 25, seed: 1, epoch: 1 },
    ...model.batchRules,
  }).batch(0)
}

describe.each(steps)('%s', (_, create) => {
  test('an update of one batch is the same, whether more could accumulate or not', async () => {
    const model = tinyModel({ brand: true, dropout: 0 })
    const options = { seed: 4, maxRows: 25, maxTime: 8, plan }
    const alone = await trained(await create(model, runtime, options), grouped(batchesOf(model, 25), 1))
    const could = await create(model, runtime, { ...options, accumulate: 2 })
    expect(await trained(could, grouped(batchesOf(model, 25), 1))).toEqual(alone)
  })

  test('an update that fails leaves nothing behind for the next', async () => {
    const model = tinyModel({ brand: true, dropout: 0 })
    const options = { seed: 4, maxRows: 25, maxTime: 8, plan, accumulate: 2 }
    const [first, second, third] = batchesOf(model, 25)
    const broken = { ...second!, items: second!.items.map(() => 5000) }
    const step = await create(model, runtime, options)
    await expect(step.run([first!, broken], { update: 1, learningRate: 0.1 })).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
    })
    const after = await trained(step, [[first!, second!], [third!]])
    const undisturbed = await trained(await create(model, runtime, options), [[first!, second!], [third!]])
    expect(after).toEqual(undisturbed)
  })

  test('each batch of an update has dropout and negatives of its own', async () => {
    const model = tinyModel({ dropout: 0.5, head: { loss: 'sampled-softmax', negatives: 8 } })
    const step = await create(model, runtime, { seed: 4, maxRows: 25, maxTime: 8, plan, accumulate: 2 })
    const [batch] = batchesOf(model, 25)
    const once = await step.run([batch!, batch!], { update: 1, learningRate: 0 })
    const other = await create(model, runtime, { seed: 4, maxRows: 25, maxTime: 8, plan })
    const single = await other.run([batch!], { update: 1, learningRate: 0 })
    expect(once.loss).not.toBe(single.loss)
    await Promise.all([step.close(), other.close()])
  })
})

test('shares are of what each mean is over', () => {
  const [first, second] = batchesOf(severalHeads, 40)
  const counts = [first!, second!].map(({ labelItems, labelTargets, sessionTargets }) => [
    labelItems.length,
    labelTargets!['price']!.filter((value) => !Number.isNaN(value)).length,
    sessionTargets!['brand']!.filter((code) => code >= RESERVED).length,
  ])
  const received = shares(severalHeads, [first!, second!])
  for (const [at, name] of ['next-item', 'price', 'brand'].entries()) {
    const [left, right] = counts.map((each) => each[at]!)
    expect(left! / right!).toBeGreaterThan(1.2)
    expect(received.map((each) => each[`share.${name}`]!.data[0])).toEqual(
      [left!, right!].map((count) => Math.fround(count / (left! + right!))),
    )
  }
  // A mean over nothing is 0 already.
  const none = { ...second!, labelTargets: { price: new Float32Array(3).fill(NaN) } }
  expect(shares(severalHeads, [none])[0]!['share.price']!.data[0]).toBe(0)
  const replaced = tinyModel({ block: 'bert', masking: 'replaced' })
  const [masked] = batchesOf(replaced, 60)
  const events = masked!.segments.filter((segment) => segment > 0).length
  const half = { ...masked!, segments: masked!.segments.map((segment, at) => (at % 2 === 0 ? segment : 0)) }
  const rest = half.segments.filter((segment) => segment > 0).length
  expect(shares(replaced, [masked!, half])[1]!['share.:masking']!.data[0]).toBe(
    Math.fround(rest / (events + rest)),
  )
})
