import fc from 'fast-check'
import { expect, test } from 'vitest'
import { topK } from './top-k.ts'

test('best first, ties by column, excluded left out', () => {
  const scores = Float32Array.of(1, 3, 2, 3, -Infinity, 2)
  const best = (k: number, excluded?: Uint8Array): readonly number[] => [
    ...topK(scores, { k, ...(excluded && { excluded }) }).columns,
  ]
  expect(best(1)).toEqual([1])
  expect(best(3)).toEqual([1, 3, 2])
  expect(best(4)).toEqual([1, 3, 2, 5])
  expect(best(9)).toEqual([1, 3, 2, 5, 0, 4])
  expect(best(3, Uint8Array.of(0, 1, 0, 0, 0, 0))).toEqual([3, 2, 5])
  expect(best(2, new Uint8Array(6).fill(1))).toEqual([])
  expect([...topK(scores, { k: 2 }).scores]).toEqual([3, 3])
})

test('a full sort gives the same', () => {
  // Few distinct values, so that ties are frequent.
  const row = fc.array(fc.record({ score: fc.integer({ min: -3, max: 3 }), out: fc.boolean() }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(row, fc.integer({ min: 1, max: 70 }), (cells, k) => {
      const scores = Float32Array.from(cells, ({ score }) => score)
      const excluded = Uint8Array.from(cells, ({ out }) => Number(out))
      const sorted = [...cells.keys()]
        .filter((column) => excluded[column] === 0)
        .sort((left, right) => scores[right]! - scores[left]! || left - right)
        .slice(0, k)
      const found = topK(scores, { k, excluded })
      expect([...found.columns]).toEqual(sorted)
      expect([...found.scores]).toEqual(sorted.map((column) => scores[column]))
    }),
  )
})

test('a score that is no number is an error, not a place', () => {
  expect(() => topK(Float32Array.of(1, NaN), { k: 1 })).toThrow(/column 1 as NaN/)
})
