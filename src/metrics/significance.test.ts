import { expect, test } from 'vitest'
import { createRandom, type Random } from '../random.ts'
import { bootstrapInterval, compareRuns } from './significance.ts'

/** Reciprocal ranks as an evaluation has them: many are 0, some 1. */
const ranked = (random: Random, skill: number): number =>
  random.uniform() < skill ? 1 / (1 + random.below(10)) : 0
const MEAN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].reduce((sum, rank) => sum + 1 / rank, 0) / 10

test('95 of 100 intervals hold the true mean', () => {
  const random = createRandom(5)
  const runs = 400
  let held = 0
  for (let run = 0; run < runs; run++) {
    const values = Array.from({ length: 150 }, () => ranked(random, 0.5))
    const { low, high } = bootstrapInterval(values, { resamples: 300, seed: run })
    if (low <= 0.5 * MEAN && 0.5 * MEAN <= high) held++
  }
  // Three standard errors of 400 draws are 3.3 %, and the percentiles of few sessions are a little narrow.
  expect(held / runs).toBeGreaterThan(0.905)
  expect(held / runs).toBeLessThan(0.985)
})

test('of two equal runs 5 of 100 seem to differ at 0.05, and one that is better is found', () => {
  const random = createRandom(6)
  const runs = 400
  let wrong = 0
  for (let run = 0; run < runs; run++) {
    const [one, other] = [0.4, 0.4].map((skill) => Array.from({ length: 80 }, () => ranked(random, skill)))
    if (compareRuns(one!, other!, { resamples: 200, seed: run }).pValue < 0.05) wrong++
  }
  expect(wrong / runs).toBeLessThan(0.085)
  expect(wrong / runs).toBeGreaterThan(0.02)
  const worse = Array.from({ length: 2000 }, () => ranked(random, 0.3))
  const better = worse.map((value) => (random.uniform() < 0.1 ? 1 : value))
  const { difference, low, high, pValue } = compareRuns(better, worse)
  expect(difference).toBeGreaterThan(0.05)
  expect(low).toBeGreaterThan(0)
  expect(high).toBeGreaterThan(difference)
  expect(pValue).toBeLessThan(0.001)
})

test('what is known exactly: no difference, one everywhere, and the other way round', () => {
  const values = [0, 1, 0.5, 0.25]
  expect(compareRuns(values, values)).toEqual({ difference: 0, low: 0, high: 0, pValue: 1 })
  const all = compareRuns([1, 1, 1, 1], [0, 0, 0, 0], { resamples: 4000 })
  expect(all).toMatchObject({ difference: 1, low: 1, high: 1 })
  // Of 16 exchanges two reach it.
  expect(all.pValue).toBeCloseTo(2 / 16, 1)
  const [one, other] = [compareRuns([1, 0, 1], [0.5, 0.5, 0.2]), compareRuns([0.5, 0.5, 0.2], [1, 0, 1])]
  expect(other.difference).toBe(-one.difference)
  expect(other.low).toBeCloseTo(-one.high, 12)
  expect(other.pValue).toBe(one.pValue)
})

test('the same seed gives the same, another one nearly', () => {
  const values = Array.from({ length: 300 }, (_, at) => (at % 7) / 7)
  expect(bootstrapInterval(values)).toEqual(bootstrapInterval(values, { seed: 1 }))
  expect(bootstrapInterval(values, { seed: 2 }).low).toBeCloseTo(bootstrapInterval(values).low, 2)
  const wide = bootstrapInterval(values, { level: 0.99 })
  expect(wide.low).toBeLessThan(bootstrapInterval(values, { level: 0.8 }).low)
})

test.each<[string, () => unknown, string]>([
  ['one session', () => bootstrapInterval([1]), 'SESSIONS_TOO_FEW'],
  ['no number', () => bootstrapInterval([1, NaN]), 'OPTION_INVALID'],
  ['a number alone', () => bootstrapInterval(5 as never), 'OPTION_INVALID'],
  ['one run', () => compareRuns([1, 2], undefined as never), 'OPTION_INVALID'],
  ['a level of percent', () => bootstrapInterval([1, 2], { level: 95 }), 'OPTION_INVALID'],
  ['another option', () => bootstrapInterval([1, 2], { draws: 7 } as never), 'OPTION_UNKNOWN'],
  ['other sessions', () => compareRuns([1, 2], [1, 2, 3]), 'SHAPE_MISMATCH'],
])('%s is refused', (_, call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }) as Error)
})
