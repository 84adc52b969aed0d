import { expect, test } from 'vitest'
import { ndcg } from './ndcg.ts'

// [k, rank, value], worked out by hand.
test.each([
  [10, 1, 1],
  [10, 3, 0.5],
  [10, 7, 1 / 3],
  [10, 2, 0.6309297535714575], // ln 2 / ln 3
  [10, 10, 0.2890648263178879], // ln 2 / ln 11
  [10, 1.5, 0.7564707973660301], // ln 2 / ln 2.5: two items share the first two places
  [10, 10.5, 0],
  [10, 11, 0],
  [3, 3, 0.5],
  [3, 4, 0],
  [10, Infinity, 0],
])('ndcg@%d of rank %d is %f', (k, rank, value) => {
  expect(ndcg(k).of(rank)).toBeCloseTo(value, 12)
})

test('is a frozen record named after its kind and cutoff', () => {
  const metric = ndcg(10)
  expect(metric).toMatchObject({ kind: 'ndcg', k: 10, name: 'ndcg@10' })
  expect(Object.isFrozen(metric)).toBe(true)
})
