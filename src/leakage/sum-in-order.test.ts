import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { spearman } from './spearman.ts'
import { sumInOrder } from './sum-in-order.ts'

const increasing: readonly (readonly [string, (sum: number) => number])[] = [
  ['as they are', (sum) => sum],
  ['normalised', (sum) => (sum - 310) / 45],
  ['their logarithms', (sum) => Math.log(sum)],
  ['their squares', (sum) => sum ** 2],
  ['the other way round', (sum) => -sum],
]

/** Prices from a few cents to hundreds, as shops have them; what is left of them once they are normalised; and what they add up to. */
function baskets(seed: number): {
  readonly sums: Float64Array
  readonly counts: Float64Array
  readonly totals: readonly number[]
} {
  const random = createRandom(seed)
  const prices = Array.from({ length: 400 }, () =>
    Array.from({ length: 2 + random.below(9) }, () => Math.exp(3 + random.normal())),
  )
  const all = prices.flat()
  const mean = all.reduce((sum, price) => sum + price, 0) / all.length
  const deviation = Math.sqrt(all.reduce((sum, price) => sum + (price - mean) ** 2, 0) / all.length)
  const over = (of: (price: number) => number): number[] =>
    prices.map((session) => session.reduce((sum, price) => sum + of(price), 0))
  return {
    sums: Float64Array.from(over((price) => (price - mean) / deviation)),
    counts: Float64Array.from(over(() => 1)),
    totals: over((price) => price),
  }
}

test.each(increasing)('sums of normalised prices come into the order of the raw ones: %s', (_, of) => {
  for (let seed = 1; seed <= 20; seed++) {
    const { sums, counts, totals } = baskets(seed)
    const own = totals.map(of)
    // Not in that order as they are: the mean that was taken off each price is missing.
    expect(Math.abs(spearman(own, sums))).toBeLessThan(0.99)
    expect(Math.abs(spearman(own, sumInOrder(own, sums, counts)))).toBeGreaterThan(0.999)
  }
})

test('sums of sessions of one length, and numbers that follow from neither, are left as far as they are', () => {
  const { sums, counts } = baskets(1)
  const same = counts.map(() => 3)
  expect(sumInOrder(sums, sums, same)).toBe(sums)
  const random = createRandom(7)
  const other = counts.map(() => random.normal())
  expect(Math.abs(spearman(other, sumInOrder(other, sums, counts)))).toBeLessThan(0.3)
})
