import { expect, test } from 'vitest'
import { reciprocalRank } from './reciprocal-rank.ts'

// [k, rank, value], worked out by hand.
test.each([
  [10, 1, 1],
  [10, 4, 0.25],
  [10, 1.5, 2 / 3],
  [10, 10, 0.1],
  [10, 10.5, 0],
  [2, 3, 0],
])('mrr@%d of rank %d is %f', (k, rank, value) => {
  expect(reciprocalRank(k).of(rank)).toBeCloseTo(value, 12)
})

test('is a frozen record named after its kind and cutoff', () => {
  const metric = reciprocalRank(10)
  expect(metric).toMatchObject({ kind: 'mrr', k: 10, name: 'mrr@10' })
  expect(Object.isFrozen(metric)).toBe(true)
})
