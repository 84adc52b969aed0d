import { nodeRuntime } from '../graph/node.ts'
import { randomSessions, sessionsOf, tinyModel } from '../train/tiny-model.test-support.ts'
import { train } from '../train/train.ts'
import type { Trained, TrainOptions } from '../train/train-options.ts'

export const smallModel = tinyModel({ dropout: 0.2 })
export const validation = sessionsOf(randomSessions(40, 4))
const sessions = sessionsOf(randomSessions(110, 3))

/** Updates of an epoch. */
export const BATCHES = 5

/** Two epochs of five updates, evaluated after every second one and at their ends. */
export const smallRun = (options: Partial<TrainOptions> = {}): Promise<Trained> =>
  train(smallModel, sessions, {
    ...{ runtime: nodeRuntime({ threads: 1 }), validation, epochs: 2, batchSize: 24, seed: 6 },
    ...{ evaluateEvery: 2, optimizer: { learningRate: 0.02 } },
    ...options,
  })

/** A clock that goes on by a second each time it is asked. */
export function clock(start = Date.UTC(2024, 0, 1)): () => Date {
  let seconds = 0
  return () => new Date(start + 1000 * seconds++)
}
