import { expect } from 'vitest'
import { batchFeeds, planTraining, type Batch } from '../../src/data/index.ts'
import { bind, graph, type TensorData } from '../../src/graph/index.ts'
import { SMALLEST_PROBABILITY } from '../../src/heads/cross-entropy.ts'
import type { Model } from '../../src/model.ts'
import {
  evaluationProgram,
  evaluationScores,
  MAX_LENGTH,
  randomSessions,
  recommendationScores,
  runtime,
  SCORES,
  scoresOf,
  weightsOf,
} from './run-model.ts'

const LENGTHS = [2, 5, 9, 10, 14, 3, 3, 7]

function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  expect(largestDifference(actual, expected)).toBeLessThan(tolerance)
}

const largestDifference = (actual: Float32Array, expected: Float32Array): number =>
  actual.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0)

/** Whether the masking lets a label see the event at a place of its own session, told from the definition. */
function maySee({ masking }: Model, { order, labelPositions }: Batch, label: number, place: number): boolean {
  const own = labelPositions[label]!
  if (masking.predicts === 'next') return place <= own
  if (masking.kind === 'permuted') return order![place] === 0 || order![place]! < order![own]!
  return order![place] === 0
}

/** A number for each dropout mask and draw: nothing dropped, every draw one half. */
const quiet = (
  { masks, draws }: Pick<ReturnType<Model['training']>, 'masks' | 'draws'>,
  sizes: Readonly<Record<string, number>>,
): Readonly<Record<string, TensorData>> =>
  Object.fromEntries(
    [
      ...masks.map((each) => ({ ...each, value: 1 })),
      ...draws.flatMap((each) => (each.kind === 'uniform' ? [{ ...each, value: 0.5 }] : [])),
    ].map(({ name, shape, value }) => {
      const dims = shape.map((dim) => bind(dim, sizes) as number)
      const data = new Float32Array(dims.reduce((all, dim) => all * dim, 1)).fill(value)
      return [name, { dtype: 'float32', dims, data }]
    }),
  )

/** What every model keeps, by name; each rejects where one does not. */
export const invariants: Readonly<Record<string, (made: Model) => Promise<void>>> = {
  'evaluating on the last item equals recommending from the prefix': async (made) => {
    const sessions = randomSessions(LENGTHS, made.schema)
    const evaluated = await evaluationScores(made, sessions, 4)
    const recommended = await recommendationScores(made, sessions, MAX_LENGTH, true)
    for (const [session, scores] of recommended.entries()) expectClose(scores, evaluated.get(session)!, 1e-4)
    // The scores tell sessions apart, so that the comparison means something.
    expect(largestDifference(recommended[0]!, recommended[1]!)).toBeGreaterThan(1e-2)
  },

  'padding and company change nothing': async (made) => {
    const alone = await recommendationScores(made, randomSessions([4], made.schema), 3, false)
    for (const padTo of [4, 6, MAX_LENGTH]) {
      const padded = await recommendationScores(made, randomSessions([4], made.schema), padTo, false)
      expectClose(padded[0]!, alone[0]!, 1e-4)
    }
    const sessions = randomSessions(LENGTHS, made.schema)
    const together = await evaluationScores(made, sessions, 8)
    const apart = await evaluationScores(made, sessions, 1)
    for (const [session, scores] of together) expectClose(scores, apart.get(session)!, 1e-4)
  },

  'what is hidden changes nothing': async (made) => {
    const program = await evaluationProgram(made)
    const weights = weightsOf(made)
    const options = { maxLength: MAX_LENGTH, batchSize: 1, seed: 1, ...made.batchRules }
    let [seen, unseen] = [0, 0]
    for (const epoch of [1, 2, 3]) {
      const sessions = randomSessions([MAX_LENGTH + 1], made.schema)
      const batch = planTraining(sessions, { ...options, epoch }).batch(0)
      const before = await scoresOf(program, weights, batch)
      for (let place = 0; place < batch.time; place++) {
        const changed = { ...batch, items: batch.items.slice() }
        changed.items[place] = batch.items[place] === 4 ? 5 : 4
        const after = await scoresOf(program, weights, changed)
        for (const label of batch.labelPositions.keys()) {
          const own = (scores: Float32Array): Float32Array =>
            scores.subarray(label * SCORES, (label + 1) * SCORES)
          const difference = largestDifference(own(after), own(before))
          if (maySee(made, batch, label, place)) seen = Math.max(seen, difference)
          else unseen = Math.max(unseen, difference)
        }
      }
    }
    await program.close()
    expect(unseen).toBeLessThan(1e-12)
    expect(seen).toBeGreaterThan(1e-3)
  },

  'training and evaluation agree when dropout is off': async (made) => {
    const weights = weightsOf(made)
    const sessions = randomSessions(LENGTHS, made.schema)
    const options = { maxLength: MAX_LENGTH, batchSize: 8, seed: 1, epoch: 1, ...made.batchRules }
    const batch = planTraining(sessions, options).batch(0)
    const training = made.training()
    const program = await runtime.compile(graph({ loss: training.loss }))
    const sizes = { batch: batch.rows, time: batch.time, labels: batch.labelItems.length }
    const results = await program.run({ ...weights, ...batchFeeds(batch), ...quiet(training, sizes) })
    await program.close()

    const evaluation = await evaluationProgram(made)
    const scores = await scoresOf(evaluation, weights, batch)
    await evaluation.close()
    const losses = Array.from(batch.labelItems, (item, label) => {
      const row = [...scores.subarray(label * SCORES, (label + 1) * SCORES)]
      const most = Math.max(...row)
      const loss =
        most + Math.log(row.reduce((all, score) => all + Math.exp(score - most), 0)) - row[item - 2]!
      // Where no norm comes last, weights as large as these push labels below what the loss counts.
      return Math.min(loss, -Math.log(SMALLEST_PROBABILITY))
    })
    const mean = losses.reduce((all, each) => all + each, 0) / losses.length
    expect(Math.abs((results['loss']!.data[0] as number) - mean)).toBeLessThan(1e-4 * Math.max(1, mean))
  },
}
