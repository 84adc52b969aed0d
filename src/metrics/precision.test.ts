import { expect, test } from 'vitest'
import { precision } from './precision.ts'

// [k, rank, value], worked out by hand.
test.each([
  [10, 1, 0.1],
  [10, 10, 0.1],
  [4, 2.5, 0.25],
  [4, 4.5, 0],
  [1, 1, 1],
  [10, 11, 0],
])('precision@%d of rank %d is %f', (k, rank, value) => {
  expect(precision(k).of(rank)).toBeCloseTo(value, 12)
})

test('is a frozen record named after its kind and cutoff', () => {
  const metric = precision(10)
  expect(metric).toMatchObject({ kind: 'precision', k: 10, name: 'precision@10' })
  expect(Object.isFrozen(metric)).toBe(true)
})
