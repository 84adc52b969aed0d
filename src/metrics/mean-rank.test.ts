import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanRank } from './mean-rank.ts'

const rank = (scores: readonly number[], target: number, excluded?: readonly number[]): number =>
  meanRank(
    Float32Array.from(scores),
    target,
    excluded && Uint8Array.from(scores, (_, column) => (excluded.includes(column) ? 1 : 0)),
  )

describe('a table worked out by hand', () => {
  // scores, target, excluded columns, rank
  test.each<[string, number[], number, number[], number]>([
    ['the best', [0.1, 0.9, 0.5], 1, [], 1],
    ['the middle', [0.1, 0.9, 0.5], 2, [], 2],
    ['the last', [0.1, 0.9, 0.5], 0, [], 3],
    ['two share the first two places', [7, 7, 1], 0, [], 1.5],
    ['two share, seen from the other', [7, 7, 1], 1, [], 1.5],
    ['three share places 2 to 4', [9, 4, 4, 4, 1], 2, [], 3],
    ['a higher one excluded', [0.1, 0.9, 0.5], 0, [1], 2],
    ['all others excluded', [0.1, 0.9, 0.5], 0, [1, 2], 1],
    ['a tied one excluded', [9, 4, 4, 4, 1], 2, [1], 2.5],
    ['a lower one excluded', [9, 4, 4, 4, 1], 2, [4], 3],
    ['the target excluded: still a candidate', [0.1, 0.9, 0.5], 2, [2], 2],
    ['the target and a higher one excluded', [0.1, 0.9, 0.5], 2, [1, 2], 1],
    ['infinite scores', [Infinity, -Infinity, 0, -Infinity], 1, [], 3.5],
    ['negative zero ties with zero', [0, -0], 1, [], 1.5],
    ['one item', [3], 0, [], 1],
  ])('%s', (_, scores, target, excluded, expected) => {
    expect(rank(scores, target, excluded)).toBe(expected)
  })
})

test('no exclusion and an empty one agree', () => {
  expect(rank([3, 1, 2, 2], 2)).toBe(rank([3, 1, 2, 2], 2, []))
})

const cases = fc
  .record({
    scores: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 }),
    seed: fc.nat(),
    marks: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
  })
  .map(({ scores, seed, marks }) => ({
    scores,
    target: seed % scores.length,
    excluded: scores.flatMap((_, column) => (marks[column]! ? [column] : [])),
  }))

test('constant scores rank every target at (candidates + 1) / 2', () => {
  fc.assert(
    fc.property(cases, fc.float({ noNaN: true }), ({ scores, target, excluded }, constant) => {
      const candidates = scores.length - excluded.filter((column) => column !== target).length
      expect(
        rank(
          scores.map(() => constant),
          target,
          excluded,
        ),
      ).toBe((candidates + 1) / 2)
    }),
    { seed: 1 },
  )
})

test('is the mean place over all orders of the tied: best and worst place average to it', () => {
  fc.assert(
    fc.property(cases, ({ scores, target, excluded }) => {
      const candidates = scores.flatMap((score, column) =>
        column === target || !excluded.includes(column) ? [{ score, column }] : [],
      )
      const place = (targetFirst: boolean): number =>
        candidates
          .toSorted(
            (left, right) =>
              right.score - left.score ||
              (Number(right.column === target) - Number(left.column === target)) * (targetFirst ? 1 : -1),
          )
          .findIndex(({ column }) => column === target) + 1
      expect(rank(scores, target, excluded)).toBe((place(true) + place(false)) / 2)
    }),
    { seed: 2 },
  )
})

test('NaN is an error, for the target and for any candidate, and nothing for the excluded', () => {
  const diverged = expect.objectContaining({ code: 'TRAINING_DIVERGED' }) as Error
  expect(() => rank([1, NaN, 2], 1)).toThrow(diverged)
  expect(() => rank([1, NaN, 2], 1, [1])).toThrow(diverged)
  expect(() => rank([1, NaN, 2], 2)).toThrow('column 1')
  expect(rank([1, NaN, 2], 2, [1])).toBe(1)
})

test('a target outside the scores and marks of another length are refused', () => {
  expect(() => rank([1, 2], 2)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  expect(() => rank([1, 2], -1)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  expect(() => meanRank(new Float32Array(3), 0, new Uint8Array(2))).toThrow(
    expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
  )
})
