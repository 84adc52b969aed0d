import { expect, test } from 'vitest'
import { nodeRuntime } from '../graph/node.ts'
import type { MaskingKind } from '../masking/index.ts'
import { sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { train } from './train.ts'

const runtime = nodeRuntime({ threads: 1 })

/** The loss of the first epoch, so many sessions a batch. */
async function lossOf(
  sessions: readonly (readonly number[])[],
  masking: MaskingKind,
  batchSize: number,
): Promise<number> {
  const head = { loss: 'sampled-softmax', negativesFrom: 'batch' }
  const model = tinyModel({ masking, head, dropout: 0, ...(masking === 'masked' && { block: 'bert' }) })
  const { history } = await train(model, sessionsOf(sessions), { runtime, epochs: 1, batchSize })
  return history[0]!.loss
}

const cases = [
  [
    'in one row',
    [
      [2, 3, 4],
      [5, 6, 7],
    ],
  ],
  [
    'in two rows, where each is the first',
    [
      [2, 3, 4, 5, 6, 7, 8, 9],
      [10, 11, 12, 13, 14, 15, 16, 17],
    ],
  ],
] as const

test.each(
  cases.flatMap((each) => (['causal', 'masked'] as const).map((masking) => [...each, masking] as const)),
)('negatives of the batch are of other sessions: two %s', async (_, sessions, masking) => {
  // A session alone has no negatives, and a softmax over the target alone nothing to learn.
  expect(await lossOf(sessions, masking, 1)).toBe(0)
  expect(await lossOf(sessions, masking, 2)).toBeGreaterThan(0.1)
})
