import { describe, expect, test } from 'vitest'
import { evaluateRanking } from './evaluate-ranking.ts'
import type { Scorer } from '../baselines/scorer.ts'
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
  ['cutoffs that are no list', { ks: 10 }, 'OPTION_INVALID'],
  ['a cutoff that is a text', { ks: ['1'] }, 'OPTION_INVALID'],
  ['a text for true', { filterSeen: 'false' }, 'OPTION_INVALID'],
  ['no size where the scorer says none', { items: undefined }, 'OPTION_INVALID'],
  ['no length where the scorer says none', { maxLength: undefined }, 'OPTION_INVALID'],
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

describe('a scorer that knows its sizes', () => {
  const sized: Scorer = { ...descending, items, maxLength: 2 }

  test('gives them as defaults, and may be shown fewer events', async () => {
    const ks = [1, 3]
    const expected = await evaluateRanking(descending, sessions, { items, maxLength: 2, ks })
    expect(await evaluateRanking(sized, sessions, { ks })).toEqual(expected)
    expect(await evaluateRanking(sized, sessions, { items, maxLength: 1, ks })).toEqual(expected)
    const lengths: number[] = []
    const watching: Scorer = {
      ...sized,
      score: (batch) => {
        lengths.push([...batch.items].filter((code) => code !== 0).length)
        return descending.score(batch, sessions)
      },
    }
    const long = sessionsOf([[2, 3, 4, 5]])
    for (const maxLength of [2, 1]) await evaluateRanking(watching, long, { ks, maxLength })
    expect(lengths).toEqual([2, 1])
  })

  test.each<[string, object, RegExp]>([
    ['another number of items', { items: 6 }, /items of evaluateRanking is 6, and .*'descending' scores 5/],
    [
      'more events than it reads',
      { maxLength: 3 },
      /maxLength of evaluateRanking is 3, and .* reads 2 events/,
    ],
    ['a length that is none', { maxLength: 1.5 }, /whole number/],
  ])('refuses %s', async (_, change, says) => {
    const failure = evaluateRanking(sized, sessions, { ks: [1], ...change })
    await expect(failure).rejects.toThrow(says)
    await expect(failure).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

test.each([undefined, null, 'sasrec', { block: {} }, { name: 'model' }])(
  'what is no scorer (%j) is refused with what to do',
  async (strange) => {
    const failure = evaluateRanking(strange as unknown as Scorer, sessions, options)
    await expect(failure).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(failure).rejects.toThrow(/modelScorer\(model, runtime, weights\)/)
  },
)
