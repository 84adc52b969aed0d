import { expect, test } from 'vitest'
import { evaluateRanking } from './evaluate-ranking.ts'
import type { Scorer } from './scorer.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

const items = 5
const descending: Scorer = {
  name: 'descending',
  score: ({ sessionIndices }) =>
    Float32Array.from({ length: sessionIndices.length * items }, (_, index) => items - (index % items)),
}
const options = { items, maxLength: 3, ks: [1, 3] }

// Ranks with the seen left out: 1, 3, 2, and 6 for the unknown one.
const sessions = sessionsOf([
  [6, 2],
  [2, 5],
  [2, 3, 5],
  [2, 1],
])

test('every metric of a table worked out by hand', async () => {
  const { standardErrors, ...result } = await evaluateRanking(descending, sessions, options)
  const logarithm = 0.6309297535714575 // 1 / log2(3)
  expect(result).toEqual({
    'ndcg@1': 0.25,
    'recall@1': 0.25,
    'precision@1': 0.25,
    'map@1': 0.25,
    'mrr@1': 0.25,
    'ndcg@3': expect.closeTo((1 + 0.5 + logarithm) / 4, 12) as number,
    'recall@3': 0.75,
    'precision@3': expect.closeTo(0.25, 12) as number,
    'map@3': expect.closeTo((1 + 1 / 3 + 1 / 2) / 4, 12) as number,
    'mrr@3': expect.closeTo((1 + 1 / 3 + 1 / 2) / 4, 12) as number,
    sessions: 4,
    items: 5,
    filterSeen: true,
    unknownTargets: 1,
    seenTargets: 0,
  })
  expect(standardErrors['recall@3']).toBeCloseTo(0.25, 12)
  expect(standardErrors['recall@1']).toBeCloseTo(0.25, 12)
})

test('the result survives JSON', async () => {
  const result = await evaluateRanking(descending, sessions, options)
  expect(JSON.parse(JSON.stringify(result))).toEqual(result)
})

test('seen items among the candidates, when asked for', async () => {
  const result = await evaluateRanking(descending, sessions, { ...options, filterSeen: false })
  // Ranks 1, 4, 4, 6.
  expect(result['recall@3']).toBe(0.25)
  expect(result.filterSeen).toBe(false)
})

test('the cutoffs are 10 and 20 unless given', async () => {
  const wide: Scorer = {
    name: 'wide',
    score: ({ sessionIndices }) => new Float32Array(sessionIndices.length * 30),
  }
  // 29 candidates tied: rank 15.
  const result = await evaluateRanking(wide, sessionsOf([[3, 4]]), { items: 30, maxLength: 3 })
  expect(result).toMatchObject({ 'recall@10': 0, 'recall@20': 1, 'mrr@20': 1 / 15, standardErrors: {} })
})

test.each<[string, object, string]>([
  ['a cutoff above the catalogue', { ks: [1, 6] }, 'OPTION_INVALID'],
  ['a cutoff of 0', { ks: [0] }, 'OPTION_INVALID'],
  ['a fractional cutoff', { ks: [1.5] }, 'OPTION_INVALID'],
  ['no cutoff', { ks: [] }, 'OPTION_INVALID'],
  ['the default cutoffs on five items', { ks: undefined }, 'OPTION_INVALID'],
  ['no items', { items: 0 }, 'OPTION_INVALID'],
  ['a batch of none', { batchSize: 0 }, 'OPTION_INVALID'],
  ['a length of 0', { maxLength: 0 }, 'OPTION_INVALID'],
  ['an option that is none', { filterseen: true }, 'OPTION_UNKNOWN'],
])('%s is refused', async (_, change, code) => {
  await expect(evaluateRanking(descending, sessions, { ...options, ...change })).rejects.toMatchObject({
    code,
  })
})

test('sessions without any prefix are too few', async () => {
  await expect(evaluateRanking(descending, sessionsOf([[2], [3]]), options)).rejects.toMatchObject({
    code: 'SESSIONS_TOO_FEW',
  })
})

test('unknown items are skipped before the target, as a recommender skips them', async () => {
  const read: number[][] = []
  const watching: Scorer = {
    name: 'watching',
    score: (batch) => {
      read.push([...batch.items].filter((code) => code !== 0))
      return descending.score(batch, sessions)
    },
  }
  const unknown = sessionsOf([
    [2, 1, 3, 1, 4],
    [1, 5],
    [6, 1],
  ])
  const result = await evaluateRanking(watching, unknown, { ...options, batchSize: 1 })
  expect(read.sort()).toEqual([[2, 3], [6]])
  expect(result).toMatchObject({ sessions: 2, unknownTargets: 1 })
})
