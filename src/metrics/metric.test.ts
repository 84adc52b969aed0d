import { expect, test } from 'vitest'
import { rankingMetrics } from './index.ts'

const makers = rankingMetrics

test.each([0, -1, 2.5, NaN, Infinity])('no metric takes the cutoff %d', (k) => {
  for (const make of makers)
    expect(() => make(k)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})

test.each([0, 0.5, -3, NaN])('no metric takes the rank %d', (rank) => {
  for (const make of makers)
    expect(() => make(5).of(rank)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})

test('every metric falls, or stays, as the rank grows, and never exceeds 1', () => {
  for (const make of makers) {
    const values = [1, 1.5, 2, 3, 4.5, 5, 5.5, 6, 100].map((rank) => make(5).of(rank))
    expect(values).toEqual(values.toSorted((left, right) => right - left))
    expect(values[0]).toBeLessThanOrEqual(1)
    expect(values.slice(6)).toEqual([0, 0, 0])
  }
})
