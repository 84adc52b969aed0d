import { describe, expect, test } from 'vitest'
import { differences } from './agreement.ts'
import { someFigures as ours } from './figures.test-support.ts'

const error = 1e-8

describe('agreement', () => {
  test('of the same figures, and of floats that were summed in another order', () => {
    expect(differences(ours, { ...ours, priceSquares: 2 + 1e-9 }, { error })).toEqual([])
  })

  test('without a checksum, where the order of equal counts is open', () => {
    const { checksum, ...open } = ours
    expect(checksum).toBe(123)
    expect(differences(ours, open, { error })).toEqual([])
    expect(differences(ours, { ...open, tiedChecksum: 455 }, { error })).toEqual([
      'tiedChecksum 455, ours 456',
    ])
  })

  test.each([
    ['sessions', 9],
    ['events', 41],
    ['items', 8],
    ['categories', 2],
    ['checksum', 124],
    ['recencySquares', 5.001],
    ['priceSquares', NaN],
  ] as const)('not where %s differs', (name, value) => {
    expect(differences(ours, { ...ours, [name]: value }, { error })).toEqual([
      `${name} ${value}, ours ${ours[name]!}`,
    ])
  })
})
