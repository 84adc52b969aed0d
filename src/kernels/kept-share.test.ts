import { describe, expect, it } from 'vitest'
import { keepDraw, keptShare } from './kept-share.ts'

describe('keptShare', () => {
  it.each([
    [0, 1],
    [0.1, 230 / 256],
    [0.5, 0.5],
    [0.2, 205 / 256],
    [0.999, 1 / 256],
    [0.9999999, 1 / 256],
  ])('at probability %f is %f', (probability, share) => {
    expect(keptShare(probability)).toBe(share)
  })

  it.each([1, -0.1, Number.NaN, Infinity])('refuses %f', (probability) => {
    expect(() => keptShare(probability)).toThrow(
      'dropout probability must be a number at least 0 and below 1',
    )
  })
})

describe('keepDraw', () => {
  it('keeps every byte at probability 0 and makes the mean of a mask 1', () => {
    expect(keepDraw(0)).toEqual({ last: 255, value: 1 })
    const { last, value } = keepDraw(0.1)
    expect(((last + 1) / 256) * value).toBeCloseTo(1, 7)
  })
})
