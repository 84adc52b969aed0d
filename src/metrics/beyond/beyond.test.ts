import { expect, test } from 'vitest'
import {
  beyondMetrics,
  categoryDiversity,
  coverage,
  diversity,
  gini,
  novelty,
  popularity,
  popularityLift,
  serendipity,
  vectorDiversity,
  type ItemFacts,
  type RecommendedLists,
} from './index.ts'

/** Four items; eight training sessions. */
const facts: ItemFacts = {
  items: 4,
  events: [8, 4, 2, 0],
  sessions: [8, 4, 2, 0],
  trainingSessions: 8,
  diversity: categoryDiversity([0, 0, 1, -1]),
}
const histories = [[1], [2, 2], [3]]
const lists: RecommendedLists = {
  sessions: 3,
  length: 2,
  columns: Int32Array.of(0, 1, 0, 2, 0, -1),
  targets: Int32Array.of(1, 2, -1),
  historyOf: (session) => Int32Array.from(histories[session]!),
}

test('coverage: items 0, 1 and 2 of four are shown', () => {
  expect(coverage(2, facts).of(lists)).toBe(0.75)
  expect(coverage(1, facts).of(lists)).toBe(0.25)
})

test('gini: exposures 3, 1, 1 and 0; one item alone; nothing shown', () => {
  // (−3·0 − 1·1 + 1·1 + 3·3) / (4 · 5)
  expect(gini(2, facts).of(lists)).toBeCloseTo(9 / 20, 12)
  expect(gini(1, facts).of(lists)).toBeCloseTo(3 / 4, 12)
  expect(gini(1, facts).of({ ...lists, columns: new Int32Array(6).fill(-1) })).toBeUndefined()
})

test('popularity, and its lift over the histories', () => {
  expect(popularity(2, facts).of(Int32Array.of(0, 1), -1)).toBe(6)
  expect(popularity(2, facts).of(Int32Array.of(), -1)).toBe(0)
  // (6 + 5 + 8) / (4 + 2 + 0) − 1
  expect(popularityLift(2, facts).of(lists)).toBeCloseTo(19 / 6 - 1, 12)
  expect(popularityLift(2, { ...facts, events: [0, 0, 0, 0] }).of(lists)).toBeUndefined()
})

test('novelty: bits of how few sessions hold an item', () => {
  const { of } = novelty(3, facts)
  expect(of(Int32Array.of(0), -1)).toBeCloseTo(0, 12)
  expect(of(Int32Array.of(0, 1, 2), -1)).toBeCloseTo((0 + 1 + 2) / 3, 12)
  // Held by none: as if by one.
  expect(of(Int32Array.of(3), -1)).toBe(3)
})

test('diversity by category, of none, and where nothing says what is alike', () => {
  const { of } = diversity(3, facts)!
  expect(of(Int32Array.of(0, 1), -1)).toBe(0)
  expect(of(Int32Array.of(0, 1, 2), -1)).toBeCloseTo(2 / 3, 12)
  expect(of(Int32Array.of(3), -1)).toBe(0)
  expect(categoryDiversity([-1, -1])(Int32Array.of(0, 1))).toBe(1)
  const { diversity: _, ...without } = facts
  expect(diversity(3, without)).toBeUndefined()
})

test('diversity by vectors is the mean of 1 − cosine over all pairs', () => {
  // Cosines: 0 (0, 1), 0.6 (0, 2), 0.8 (1, 2), 0 with the vector of zeros.
  const of = vectorDiversity([2, 0, 0, 5, 3, 4, 0, 0], 2)
  expect(of(Int32Array.of(0, 1))).toBeCloseTo(1, 12)
  expect(of(Int32Array.of(0, 1, 2))).toBeCloseTo((1 + 0.4 + 0.2) / 3, 12)
  expect(of(Int32Array.of(0, 3))).toBeCloseTo(1, 12)
  expect(of(Int32Array.of(0, 0))).toBeCloseTo(0, 12)
  expect(of(Int32Array.of(1))).toBe(0)
  expect(() => vectorDiversity([1, 2, 3], 2)).toThrow(
    expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
  )
})

test('serendipity counts hits that popularity has lower', () => {
  const { of } = serendipity(2, facts)
  // Item 2 is third by popularity, (5 − 3) / 4, and first here, 4 / 4.
  expect(of(Int32Array.of(2, 0), 2)).toBeCloseTo((1 - 0.5) / 2, 12)
  // Never in training: popularity would never give it.
  expect(of(Int32Array.of(0, 3), 3)).toBeCloseTo(0.75 / 2, 12)
  // The most popular first, a miss, and a target that is not known.
  expect(of(Int32Array.of(0, 1), 0)).toBe(0)
  expect(of(Int32Array.of(0, 1), 2)).toBe(0)
  expect(of(Int32Array.of(0, 1), -1)).toBe(0)
  // Tied at places 1 and 2: the mean, 1.5.
  expect(serendipity(1, { ...facts, events: [3, 3, 1, 1] }).of(Int32Array.of(0), 0)).toBeCloseTo(0.5 / 4, 12)
})

test('each is named by its cutoff, says its level, and takes no cutoff below 1', () => {
  const made = beyondMetrics.map((make) => make(7, facts)!)
  expect(Object.fromEntries(made.map(({ name, level }) => [name, level]))).toEqual({
    'coverage@7': 'set',
    'gini@7': 'set',
    'popularity@7': 'session',
    'popularity-lift@7': 'set',
    'novelty@7': 'session',
    'diversity@7': 'session',
    'serendipity@7': 'session',
  })
  for (const make of beyondMetrics)
    expect(() => make(0, facts)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})
