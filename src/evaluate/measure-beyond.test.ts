import { expect, test } from 'vitest'
import type { Scorer } from '../baselines/scorer.ts'
import { batchWithin } from './batch-within.ts'
import { evaluateRanking } from './evaluate-ranking.ts'
import { itemCategories } from './item-categories.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

const items = 5
const descending: Scorer = {
  name: 'descending',
  wholeSessions: true,
  score: ({ sessionIndices }) =>
    Float32Array.from({ length: sessionIndices.length * items }, (_, index) => items - (index % items)),
}
/** Columns 0 … 4 have 1, 4, 0, 2 and 1 events; 1, 3, 0, 2 and 1 of four sessions hold them. */
const train = sessionsOf([[2, 3, 3], [3, 5], [5, 6], [3]])
// Lists of two with the seen left out: columns [1, 2], [0, 2] and [0, 1].
const sessions = sessionsOf([
  [2, 4],
  [3, 3, 1],
  [6, 5],
])
const options = { items, ks: [1, 2], train, beyond: { categories: [0, 1, 1, 0, 0] } }

test('every metric by hand, from the lists of the same pass as the ranks', async () => {
  const result = await evaluateRanking(descending, sessions, options)
  const close = (value: number): unknown => expect.closeTo(value, 12)
  expect(result).toMatchObject({
    // Columns 1, 0 and 0; columns 0, 1 and 2 of five.
    'coverage@1': 0.4,
    'coverage@2': 0.6,
    // Exposures 0, 0, 0, 1, 2: (2·1 + 4·2) / (5·3); 0, 0, 2, 2, 2: (0 + 2·2 + 4·2) / (5·6).
    'gini@1': close(10 / 15),
    'gini@2': close(12 / 30),
    // Events 4 and 0, 1 and 0, 1 and 4.
    'popularity@2': close((2 + 0.5 + 2.5) / 3),
    // Histories: columns 0; 1 and 1; 4.
    'popularity-lift@2': close((2 + 0.5 + 2.5) / (1 + 4 + 1) - 1),
    // Held by 3, 0, 1 sessions of four, none counts as one: bits log2(4/3), 2, 2.
    'novelty@1': close((Math.log2(4 / 3) + 2 + 2) / 3),
    'diversity@2': close((0 + 1 + 1) / 3),
    // One hit: column 2, second of the list, never trained on. (5 − 1) / 5 / 2.
    'serendipity@2': close(0.8 / 2 / 3),
    'recall@2': close(1 / 3),
  })
  expect(Object.keys(result.standardErrors)).toEqual(
    expect.arrayContaining(['popularity@2', 'novelty@2', 'diversity@2', 'serendipity@2']),
  )
  for (const kind of ['coverage', 'gini', 'popularity-lift'])
    expect(result.standardErrors).not.toHaveProperty([`${kind}@2`])
  // Values 2, 0.5 and 2.5: deviation √(13/12).
  expect(result.standardErrors['popularity@2']).toBeCloseTo(Math.sqrt(13 / 12 / 3), 12)
})

test('without what it needs a metric is left out; without beyond all are', async () => {
  const { 'diversity@2': diversity, 'novelty@2': novelty } = await evaluateRanking(descending, sessions, {
    ...options,
    beyond: {},
  })
  expect([diversity, typeof novelty]).toEqual([undefined, 'number'])
  const plain = await evaluateRanking(descending, sessions, { items, ks: [1, 2] })
  expect(Object.keys(plain).filter((name) => name.startsWith('coverage'))).toEqual([])
})

test('the size of the batches changes nothing, also where bytes limit it', async () => {
  const expected = await evaluateRanking(descending, sessions, options)
  const sizes: number[] = []
  const watching: Scorer = {
    ...descending,
    score: (batch, all) => {
      sizes.push(batch.sessionIndices.length)
      return descending.score(batch, all)
    },
  }
  for (const limit of [{ batchSize: 1 }, { batchSize: 2 }, { scoreBytes: 1 }, { scoreBytes: 2 * 4 * items }])
    expect(await evaluateRanking(watching, sessions, { ...options, ...limit })).toEqual(expected)
  expect(sizes).toEqual([1, 1, 1, 2, 1, 1, 1, 1, 2, 1])
})

test('a batch of a million items is 16 sessions, of a small catalogue what was asked', () => {
  const scoreBytes = 64 * 2 ** 20
  expect(batchWithin({ batchSize: 128, scoreBytes, items: 1_000_000 })).toBe(16)
  expect(batchWithin({ batchSize: 128, scoreBytes, items: 131_072 })).toBe(128)
  expect(batchWithin({ batchSize: 128, scoreBytes, items: 1e9 })).toBe(1)
})

test('the category of an item is what the last event says that knows one', () => {
  const known = {
    ...sessionsOf([
      [2, 3],
      [2, 4, 1],
    ]),
    categorical: { colour: Int32Array.of(5, 6, 7, 1, 8) },
  }
  expect(itemCategories(known, { feature: 'colour', items: 4 })).toEqual(Int32Array.of(7, 6, -1, -1))
  expect(() => itemCategories(known, { feature: 'color', items: 4 })).toThrow("Did you mean 'colour'")
})

test.each<[string, object, string]>([
  ['no training sessions', { train: undefined }, 'OPTION_INVALID'],
  ['vectors and categories', { beyond: { ...options.beyond, vectors: {} } }, 'OPTION_INVALID'],
  ['categories of fewer items', { beyond: { categories: [1] } }, 'SHAPE_MISMATCH'],
  [
    'vectors of more items',
    { beyond: { vectors: { values: new Float32Array(12), width: 2 } } },
    'SHAPE_MISMATCH',
  ],
  ['another option', { beyond: { vector: 1 } }, 'OPTION_UNKNOWN'],
  ['no bytes', { scoreBytes: 0 }, 'OPTION_INVALID'],
])('%s is refused', async (_, change, code) => {
  await expect(evaluateRanking(descending, sessions, { ...options, ...change })).rejects.toMatchObject({
    code,
  })
})

test.each<[string, readonly unknown[], string]>([
  ['no sessions', [], 'OPTION_INVALID'],
  ['no options', [sessions], 'OPTION_INVALID'],
  ['no number of items', [sessions, { feature: 'colour' }], 'OPTION_INVALID'],
  ['no feature', [sessions, { items: 4 }], 'OPTION_UNKNOWN'],
])('categories of %s are refused', (_, given, code) => {
  expect(() => (itemCategories as (...all: readonly unknown[]) => unknown)(...given)).toThrow(
    expect.objectContaining({ code }) as Error,
  )
})
