import { expect, test } from 'vitest'
import { rankSessions } from './rank-sessions.ts'
import type { Scorer } from '../baselines/scorer.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

const items = 6
/** Scores 6, 5, …, 1 for the codes 2 to 7, whatever the prefix. */
const descending: Scorer = {
  name: 'descending',
  score: ({ sessionIndices }) =>
    Float32Array.from({ length: sessionIndices.length * items }, (_, index) => items - (index % items)),
}
const options = { items, maxLength: 2, batchSize: 2, filterSeen: true }

// Column of the target: 4, 3, 0, –, 5, 3.
const sessions = sessionsOf([
  [2, 3, 4, 6], // the first lies outside maxLength
  [2, 2, 2, 5],
  [7, 2],
  [2, 1],
  [1, 7, 2, 7], // the target was seen
  [4, 5],
])

test('ranks by hand, items of the whole prefix left out', async () => {
  const result = await rankSessions(descending, sessions, options)
  expect(result.sessionIndices).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5))
  expect(result.ranks).toEqual(Float64Array.of(2, 3, 1, 7, 7, 3))
  expect([result.unknownTargets, result.seenTargets]).toEqual([1, 1])
})

test('ranks by hand, seen items among the candidates', async () => {
  const result = await rankSessions(descending, sessions, { ...options, filterSeen: false })
  expect(result.ranks).toEqual(Float64Array.of(5, 4, 1, 7, 6, 4))
  expect(result.seenTargets).toBe(0)
})

test.each([1, 3, 100])('batches of %d give the same ranks', async (batchSize) => {
  const expected = await rankSessions(descending, sessions, options)
  expect(await rankSessions(descending, sessions, { ...options, batchSize })).toEqual(expected)
})

test('all items alike: the mean rank of the candidates', async () => {
  const alike: Scorer = {
    name: 'alike',
    score: ({ sessionIndices }) => Promise.resolve(new Float32Array(sessionIndices.length * items)),
  }
  // Candidates: 6 less the distinct seen ones.
  const expected = [3, 5, 5, undefined, undefined, 5].map((left) => (left === undefined ? 7 : (left + 1) / 2))
  expect((await rankSessions(alike, sessions, options)).ranks).toEqual(Float64Array.from(expected))
})

test('a session without a prefix is not ranked', async () => {
  const result = await rankSessions(descending, sessionsOf([[3], [2, 4], [5]]), options)
  expect(result).toEqual({
    sessionIndices: Int32Array.of(1),
    ranks: Float64Array.of(2),
    unknownTargets: 0,
    seenTargets: 0,
  })
})

test('progress is told batch by batch', async () => {
  const told: unknown[] = []
  await rankSessions(descending, sessions, { ...options, onProgress: (progress) => told.push(progress) })
  expect(told).toEqual([
    { done: 1, total: 3 },
    { done: 2, total: 3 },
    { done: 3, total: 3 },
  ])
})

test.each<[string, Scorer, string, string]>([
  [
    'a scorer of another width',
    { name: 'wide', score: () => new Float32Array(99) },
    'SHAPE_MISMATCH',
    "'wide'",
  ],
  [
    'NaN',
    { name: 'broken', score: (batch) => new Float32Array(batch.sessionIndices.length * items).fill(NaN) },
    'TRAINING_DIVERGED',
    'NaN',
  ],
])('%s is an error', async (_, scorer, code, words) => {
  const failure = rankSessions(scorer, sessions, options)
  await expect(failure).rejects.toMatchObject({ code })
  await expect(failure).rejects.toThrow(words)
})

test('an item beyond the catalogue is an error that names the session', async () => {
  const failure = rankSessions(
    descending,
    sessionsOf([
      [2, 3],
      [8, 3],
    ]),
    options,
  )
  await expect(failure).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(failure).rejects.toThrow("session '1'")
})
