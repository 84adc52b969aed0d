import { describe, expect, test } from 'vitest'
import { RESERVED } from '../../codes.ts'
import { createRandom } from '../../random.ts'
import { drawBelow } from './draw-below.ts'
import {
  frequencyNegatives,
  logUniformNegatives,
  uniformNegatives,
  type NegativeDistribution,
} from './index.ts'

const ITEMS = 37
const counts = Float64Array.from({ length: ITEMS }, (_, item) => ((item * 7) % ITEMS) ** 2)

/** Each distribution beside its probabilities by another way. */
const cases: readonly (readonly [string, NegativeDistribution, (item: number) => number])[] = [
  ['uniform', uniformNegatives(ITEMS), () => 1],
  ['log-uniform', logUniformNegatives(ITEMS), (item) => Math.log(item + 2) - Math.log(item + 1)],
  ['frequency', frequencyNegatives(counts), (item) => Math.max(counts[item]!, 1) ** 0.75],
  ['frequency, as counted', frequencyNegatives(counts, { power: 1 }), (item) => Math.max(counts[item]!, 1)],
  ['frequency of one item', frequencyNegatives(Float64Array.of(5)), () => 1],
  ['uniform over one item', uniformNegatives(1), () => 1],
]

/** Pearson's statistic of draws against their probabilities, in deviations from what it is on average. */
function deviation(drawn: Float64Array, probabilities: Float64Array): number {
  const draws = drawn.reduce((sum, each) => sum + each, 0)
  const squares = drawn.reduce((sum, each, item) => {
    const expected = draws * probabilities[item]!
    return sum + (each - expected) ** 2 / expected
  }, 0)
  const freedom = drawn.length - 1
  return freedom === 0 ? squares : (squares - freedom) / Math.sqrt(2 * freedom)
}

describe.each(cases)('%s', (_, distribution, weight) => {
  const weights = Float64Array.from({ length: distribution.items }, (_, item) => weight(item))
  const total = weights.reduce((sum, each) => sum + each, 0)
  const probabilities = weights.map((each) => each / total)

  test('says with which probability each code is drawn', () => {
    for (const [item, probability] of probabilities.entries())
      expect(distribution.probability(item + RESERVED)).toBeCloseTo(probability, 12)
  })

  test('draws each code so often, and no other', () => {
    const drawn = new Float64Array(distribution.items)
    const random = createRandom(1)
    for (let draw = 0; draw < 200_000; draw++) drawn[distribution.draw(random) - RESERVED]!++
    expect(drawn.reduce((sum, each) => sum + each, 0)).toBe(200_000)
    expect(Math.abs(deviation(drawn, probabilities))).toBeLessThan(4)
  })
})

test('the statistic of these tests sees a favour of one in twenty', () => {
  const even = new Float64Array(ITEMS).fill(1 / ITEMS)
  const favoured = even.map((each, item) => 200_000 * each * (item < ITEMS / 2 ? 1.05 : 0.95))
  expect(deviation(favoured, even)).toBeGreaterThan(40)
})

test('the largest numbers that a generator gives still are items', () => {
  const random = { ...createRandom(1), next: () => 2 ** 32 - 1, uniform: () => 1 - 2 ** -32 }
  for (const items of [1, 2, 3, 1000, 65_535, 1_000_000, 123_456_789])
    expect(logUniformNegatives(items).draw(random)).toBeLessThan(items + RESERVED)
})

test.each([1, 2, 3, 64, 65])('drawBelow(%d) gives each number below it, and no other', (n) => {
  const [below, random] = [drawBelow(n), createRandom(2)]
  const seen = new Set(Array.from({ length: 2000 }, () => below(random)))
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, number) => number))
})

test('counts and powers that are none are refused', () => {
  const invalid = expect.objectContaining({ code: 'OPTION_INVALID' }) as Error
  for (const bad of [[], [1, -1], [NaN, 1], [Infinity]])
    expect(() => frequencyNegatives(Float64Array.from(bad))).toThrow(invalid)
  for (const power of [-0.1, 1.1, NaN]) expect(() => frequencyNegatives(counts, { power })).toThrow(invalid)
  for (const items of [0, 1.5, NaN]) {
    expect(() => uniformNegatives(items)).toThrow(invalid)
    expect(() => logUniformNegatives(items)).toThrow(invalid)
  }
})
