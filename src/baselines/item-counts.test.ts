import { describe, expect, test } from 'vitest'
import { itemCounts, levels } from './item-counts.ts'
import { sessionsOf } from '../data/sessions-of.test-support.ts'

describe('itemCounts', () => {
  test('counts each code, and unknown ones not at all', () => {
    const sessions = sessionsOf([
      [2, 3, 3, 5],
      [1, 3, 1],
    ])
    expect(itemCounts(sessions, 4)).toEqual(Float64Array.of(1, 3, 0, 1))
  })

  test.each([
    ['padding', [2, 0]],
    ['a code beyond the catalogue', [2, 6]],
  ])('refuses %s', (_, session) => {
    expect(() => itemCounts(sessionsOf([session]), 4)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
  })

  test('counts only what the offsets span', () => {
    const all = sessionsOf([[2, 2], [3, 3, 3], [4]])
    const middle = { ...all, count: 1, offsets: all.offsets.slice(1, 3), ids: ['1'] }
    expect(itemCounts(middle, 3)).toEqual(Float64Array.of(0, 3, 0))
  })
})

describe('levels', () => {
  test('order values from 0 and keep ties', () => {
    expect(levels(Float64Array.of(30, 0, 7, 30, 7))).toEqual(Float32Array.of(2, 0, 1, 2, 1))
    expect(levels(new Float64Array(0))).toEqual(new Float32Array(0))
  })

  test('tell apart what float32 cannot', () => {
    const values = [2 ** 24, 2 ** 24 + 1]
    expect(Math.fround(values[0]!)).toBe(Math.fround(values[1]!))
    expect(levels(Float64Array.from(values))).toEqual(Float32Array.of(0, 1))
  })
})
