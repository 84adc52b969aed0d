import { describe, expect, test } from 'vitest'
import { planTraining } from '../data/index.ts'
import { evaluateRanking, modelScorer } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { averagingOptions, averagingShare } from './averaging.ts'
import { createDeviceStep } from './device-step.ts'
import { optimizerOptions } from './optimizer.ts'
import { weightsOf } from './parameter-store.ts'
import { createTrainingStep } from './step.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { train } from './train.ts'
import type { TrainOptions } from './train-options.ts'
import { updatePlan } from './update-plan.ts'

const runtime = nodeRuntime({ threads: 2 })
const sessions = sessionsOf(randomSessions(110, 3))

test('the share is that of a mean without bias', () => {
  // Of the first update all; of the second 0.1 / (1 − 0.81) = 1 / 1.9; in the end 1 − decay.
  const shares = [1, 2, 3, 1000].map((update) => averagingShare({ decay: 0.9, from: 0 }, update))
  for (const [at, expected] of [1, 1 / 1.9, 1 / 2.71, 0.1].entries())
    expect(shares[at]).toBeCloseTo(expected, 12)
  expect([3, 6, 7].map((update) => averagingShare({ decay: 0.9, from: 5 }, update))).toEqual([
    1,
    1,
    (1 - 0.9) / (1 - 0.9 ** 2),
  ])
})

test.each<[object, string]>([
  [{}, 'OPTION_INVALID'],
  [{ decay: 1 }, 'OPTION_INVALID'],
  [{ decay: -0.1 }, 'OPTION_INVALID'],
  [{ decay: 0.9, from: 0.5 }, 'OPTION_INVALID'],
  [{ decay: 0.9, form: 1 }, 'OPTION_UNKNOWN'],
])('%j is refused', (options, code) => {
  expect(() => averagingOptions(options as never)).toThrow(expect.objectContaining({ code }) as Error)
})

describe.each([
  ['kernels', createTrainingStep],
  ['graph', createDeviceStep],
])('%s', (_, create) => {
  test('the average is Σ (1 − d)·dᵗ⁻ⁱ·weights / (1 − dᵗ), from its first update on', async () => {
    const [decay, from] = [0.7, 2]
    const model = tinyModel({ brand: true })
    const plan = updatePlan({
      optimizer: optimizerOptions({ learningRate: 0.05 }),
      averaging: { decay, from },
    })
    const step = await create(model, runtime, { seed: 4, maxRows: 24, maxTime: 8, plan })
    const batches = planTraining(sessions, { maxLength: 8, batchSize: 24, seed: 4, epoch: 1 })
    const copies = (): readonly Float32Array[] => step.store.slots.map(({ values }) => values.slice())
    const averages = (): readonly Float32Array[] => Object.values(weightsOf(step.store))
    expect(averages()).toEqual(copies())
    const sums = copies().map((values) => Float64Array.from(values, () => 0))
    for (let update = 1; update <= 6; update++) {
      await step.run([batches.batch(update % batches.count)], { update, learningRate: 0.05 })
      await step.pull()
      const now = copies()
      if (update <= from) expect(averages()).toEqual(now)
      else
        for (const [at, values] of now.entries()) {
          sums[at]!.forEach((sum, place) => (sums[at]![place] = decay * sum + (1 - decay) * values[place]!))
          const expected = sums[at]!.map((sum) => sum / (1 - decay ** (update - from)))
          const worst = Math.max(...expected.map((value, place) => Math.abs(value - averages()[at]![place]!)))
          expect(worst).toBeLessThan(1e-6)
        }
    }
    expect(averages()).not.toEqual(copies())
    await step.close()
  })
})

test('what is validated and returned is the average, and training goes on without it', async () => {
  const model = tinyModel({ dropout: 0.2 })
  const validation = sessionsOf(randomSessions(60, 4))
  const options: TrainOptions = {
    runtime,
    validation,
    epochs: 3,
    batchSize: 24,
    optimizer: { learningRate: 0.02 },
  }
  const raw = await train(model, sessions, options)
  const averaged = await train(model, sessions, { ...options, averaging: { decay: 0.8 } })
  expect(averaged.history.map(({ loss }) => loss)).toEqual(raw.history.map(({ loss }) => loss))
  expect(averaged.weights).not.toEqual(raw.weights)
  const scorer = await modelScorer(model, runtime, averaged.weights)
  const measured = await evaluateRanking(scorer, validation, { items: ITEMS, maxLength: 8, ks: [10] })
  await scorer.close()
  expect(averaged.best!.metric).toBe(measured['ndcg@10'])
  // An average that looks back on nothing is the weights.
  expect((await train(model, sessions, { ...options, averaging: { decay: 0 } })).weights).toEqual(raw.weights)
})
