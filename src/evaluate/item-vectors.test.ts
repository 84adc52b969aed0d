import { expect, test } from 'vitest'
import { tiny } from '../artifact/tiny-model.test-support.ts'
import { binary } from '../heads/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { sasrec } from '../blocks/index.ts'
import { evaluateRanking } from './evaluate-ranking.ts'
import { itemVectors } from './item-vectors.ts'
import { modelScorer } from './model-scorer.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

test('a vector an item, the rows of its table, by which the lists of a model are diverse', async () => {
  const { model: made, weights } = tiny({ items: 7 })
  const vectors = await itemVectors(made, nodeRuntime(), weights)
  expect(vectors.width).toBe(8)
  expect(vectors.values).toHaveLength(7 * 8)
  const own = Object.values(weights).find(({ length }) => length === 9 * 8)!
  // Without the rows of the two reserved codes.
  expect([...vectors.values]).toEqual([...own.subarray(16)])
  const sessions = sessionsOf([
    [2, 3, 4],
    [5, 6],
  ])
  const scorer = await modelScorer(made, nodeRuntime(), weights)
  const result = await evaluateRanking(scorer, sessions, { ks: [3], train: sessions, beyond: { vectors } })
  await scorer.close()
  expect(result['diversity@3']).toBeGreaterThan(0)
  expect(result['diversity@3']).toBeLessThan(2)
})

test('a model that scores no items has none', async () => {
  const made = model(
    { items: 5, categorical: {}, continuous: ['bought'] },
    {
      masking: causal(),
      block: sasrec({ width: 8, layers: 1, heads: 2 }),
      heads: [binary({ target: 'bought' })],
      maxLength: 4,
    },
  )
  await expect(itemVectors(made, nodeRuntime(), {})).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test.each<[string, readonly unknown[], string, RegExp]>([
  ['no model', [{}, nodeRuntime(), {}], 'OPTION_INVALID', /expects a model.*received an object/],
  ['no runtime', [tiny({}).model, 'cpu', {}], 'OPTION_INVALID', /expects a runtime.*received 'cpu'/],
  ['no weights', [tiny({}).model, nodeRuntime()], 'SHAPE_MISMATCH', /received none/],
])('%s is refused, for vectors and for a scorer', async (_, given, code, message) => {
  for (const call of [itemVectors, modelScorer]) {
    const refused = (call as (...all: readonly unknown[]) => Promise<unknown>)(...given)
    await expect(refused).rejects.toMatchObject({ code })
    await expect(refused).rejects.toThrow(message)
  }
})
