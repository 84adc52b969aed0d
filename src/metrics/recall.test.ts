import { expect, test } from 'vitest'
import { recall } from './recall.ts'

// [k, rank, value], worked out by hand.
test.each([
  [10, 1, 1],
  [10, 10, 1],
  [10, 9.5, 1],
  [10, 10.5, 0],
  [10, 11, 0],
  [1, 1, 1],
  [1, 1.5, 0],
  [10, Infinity, 0],
])('recall@%d of rank %d is %f', (k, rank, value) => {
  expect(recall(k).of(rank)).toBeCloseTo(value, 12)
})

test('is a frozen record named after its kind and cutoff', () => {
  const metric = recall(10)
  expect(metric).toMatchObject({ kind: 'recall', k: 10, name: 'recall@10' })
  expect(Object.isFrozen(metric)).toBe(true)
})
