import { expect, test } from 'vitest'
import { averagePrecision } from './average-precision.ts'

// [k, rank, value], worked out by hand.
test.each([
  [10, 1, 1],
  [10, 2, 0.5],
  [10, 2.5, 0.4],
  [10, 10, 0.1],
  [10, 10.5, 0],
  [3, 4, 0],
])('map@%d of rank %d is %f', (k, rank, value) => {
  expect(averagePrecision(k).of(rank)).toBeCloseTo(value, 12)
})

test('is a frozen record named after its kind and cutoff', () => {
  const metric = averagePrecision(10)
  expect(metric).toMatchObject({ kind: 'map', k: 10, name: 'map@10' })
  expect(Object.isFrozen(metric)).toBe(true)
})
