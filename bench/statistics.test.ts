import { describe, expect, test } from 'vitest'
import { median, ratio, summarise } from './statistics.ts'

describe('figures of a bench', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
    [[100, 9, 10], 10],
  ])('the median of %o is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  test('the warm-up counts for the loss and not for the time', () => {
    const rounds = [
      { ms: [10, 30, 20], losses: [5, 4, 3] },
      { ms: [40, 41, 39], losses: [2, 1, 0.5] },
    ]
    expect(summarise({ ms: [900], losses: [8] }, rounds)).toEqual({
      medianMs: 34.5,
      minMs: 10,
      roundMs: [20, 40],
      loss: { first: 8, last: 0.5 },
    })
  })

  test('the ratio by round is not moved by a round that was slow for both', () => {
    const of = (...roundMs: readonly number[]): ReturnType<typeof summarise> =>
      summarise(
        { ms: [], losses: [] },
        roundMs.map((ms) => ({ ms: [ms], losses: [] })),
      )
    expect(ratio(of(20, 200, 22), of(10, 100, 11))).toEqual({ ofMedians: 2, byRound: 2 })
    expect(ratio(of(30, 20, 60), of(10, 20, 20))).toEqual({ ofMedians: 1.5, byRound: 3 })
  })
})
