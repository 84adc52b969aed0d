import { describe, expect, test } from 'vitest'
import { RESERVED } from '../../codes.ts'
import { createRandom, seedState } from '../../random.ts'
import {
  frequencyNegatives,
  logUniformNegatives,
  negativeDraws,
  uniformNegatives,
  type DrawnNegatives,
  type NegativeDistribution,
} from './index.ts'

const TARGETS = Int32Array.of(2, 9, 4, 2)
/** A label each. */
const SESSIONS = 4
const ITEMS = 16
const counts = Float64Array.from({ length: ITEMS }, (_, item) => Math.ceil(500 / (item + 1)))
const distributions = [uniformNegatives(ITEMS), logUniformNegatives(ITEMS), frequencyNegatives(counts)]
const copy = ({ codes, logQ, targetLogQ }: DrawnNegatives): DrawnNegatives => ({
  codes: codes.slice(),
  logQ: logQ.slice(),
  targetLogQ: targetLogQ.slice(),
})
const codesOf = (items: number): readonly number[] =>
  Array.from({ length: items }, (_, item) => item + RESERVED)
/** The share of draws of which each code is a part. */
function inclusion(distribution: NegativeDistribution, count: number, draws: number): readonly number[] {
  const shared = negativeDraws({ kind: 'shared', distribution, count, seed: 5 })
  const seen = new Float64Array(distribution.items)
  for (let each = 0; each < draws; each++)
    for (const code of shared.draw(TARGETS, SESSIONS).codes) seen[code - RESERVED]!++
  return [...seen].map((each) => each / draws)
}

/** The share of draws with replacement until `count` are distinct of which each code is a part: slowly, by the definition. */
function expectedInclusion(
  distribution: NegativeDistribution,
  count: number,
  draws: number,
): readonly number[] {
  const random = createRandom(6)
  const seen = new Float64Array(distribution.items)
  for (let draw = 0; draw < draws; draw++) {
    const distinct = new Set<number>()
    while (distinct.size < count) distinct.add(distribution.draw(random))
    for (const code of distinct) seen[code - RESERVED]!++
  }
  return [...seen].map((each) => each / draws)
}

/** Of a difference of two shares of 10,000 draws each, 4.5 deviations at most. */
const NOISE = 4.5 * Math.sqrt((2 * 0.25) / 10_000)

describe.each(distributions.map((each) => [each.kind, each] as const))('%s', (_, distribution) => {
  // The last of 15 mostly come up by the race, but where all are drawn alike.
  test.each([1, 4, 11, 15])(
    '%d shared ones are distinct, and what drawing with replacement gives',
    (count) => {
      const shared = negativeDraws({ kind: 'shared', distribution, count, seed: 1 })
      for (let draw = 0; draw < 50; draw++) {
        const { codes } = shared.draw(TARGETS, SESSIONS)
        expect(new Set(codes).size).toBe(count)
        expect(codes.every((code) => codesOf(ITEMS).includes(code))).toBe(true)
      }
      const received = inclusion(distribution, count, 10_000)
      const expected = expectedInclusion(distribution, count, 10_000)
      for (const [item, share] of received.entries())
        expect(Math.abs(share - expected[item]!)).toBeLessThan(NOISE)
    },
  )

  test('logQ of shared ones is how often they are drawn, within a tenth', () => {
    const shared = negativeDraws({ kind: 'shared', distribution, count: 4, seed: 5 })
    const all = Int32Array.from(codesOf(ITEMS))
    const mean = new Float64Array(ITEMS)
    for (let draw = 0; draw < 10_000; draw++)
      for (const [item, logQ] of shared.draw(all, all.length).targetLogQ.entries())
        mean[item]! += Math.exp(logQ) / 10_000
    const shares = inclusion(distribution, 4, 10_000)
    for (const [item, share] of shares.entries()) {
      expect(Math.abs(mean[item]! - share)).toBeLessThan(0.1 * share + 0.02)
    }
  })

  test('those for each label are drawn with replacement, and logQ is ln(n·p)', () => {
    const each = negativeDraws({ kind: 'each', distribution, count: 6, seed: 1 })
    const targets = new Int32Array(5000).fill(3)
    const { codes, logQ, targetLogQ } = each.draw(targets, targets.length)
    expect(codes.length).toBe(30_000)
    const seen = new Float64Array(ITEMS)
    for (const [at, code] of codes.entries()) {
      seen[code - RESERVED]!++
      if (at < 100) expect(logQ[at]).toBeCloseTo(Math.log(6 * distribution.probability(code)), 5)
    }
    for (const [item, times] of seen.entries()) {
      const p = distribution.probability(item + RESERVED)
      expect(Math.abs(times / 30_000 - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 30_000))
    }
    expect(targetLogQ[17]).toBeCloseTo(Math.log(6 * distribution.probability(3)), 5)
  })

  test.each([ITEMS, ITEMS + 1, 1000])('%d shared ones are every item once, with logQ 0', (count) => {
    const shared = negativeDraws({ kind: 'shared', distribution, count, seed: 1 })
    expect(shared.count).toBe(ITEMS)
    const { codes, logQ, targetLogQ } = shared.draw(TARGETS, SESSIONS)
    expect([...codes]).toEqual(codesOf(ITEMS))
    expect([...logQ, ...targetLogQ].every((each) => each === 0)).toBe(true)
  })
})

test('shared ones of a uniform distribution favour no code: neither low ones nor those that stand first', () => {
  const shared = negativeDraws({ kind: 'shared', distribution: uniformNegatives(ITEMS), count: 8, seed: 3 })
  let [sum, first] = [0, 0]
  for (let draw = 0; draw < 10_000; draw++) {
    const { codes } = shared.draw(TARGETS, SESSIONS)
    sum += codes.reduce((all, code) => all + code, 0) / 8
    first += codes[0]!
  }
  const center = RESERVED + (ITEMS - 1) / 2
  // Deviations of a mean of 8 of 16 without replacement, and of one draw, over 10,000 draws.
  const spread = Math.sqrt((ITEMS ** 2 - 1) / 12 / 10_000)
  expect(Math.abs(sum / 10_000 - center)).toBeLessThan(4 * spread * Math.sqrt((1 / 8) * (8 / 15)))
  expect(Math.abs(first / 10_000 - center)).toBeLessThan(4 * spread)
})

test('in-batch ones expect a code as often as it is a target of another session; mixed ones add what is drawn', () => {
  const targets = frequencyNegatives(counts, { power: 1 })
  const batch = negativeDraws({ kind: 'batch', targets, seed: 1 })
  const inBatch = batch.draw(TARGETS, SESSIONS)
  expect([batch.count, inBatch.codes.length, inBatch.logQ.length]).toEqual([0, 0, 0])
  for (const [at, code] of TARGETS.entries())
    expect(inBatch.targetLogQ[at]).toBeCloseTo(Math.log(3 * targets.probability(code)), 5)

  const [distribution, count, seed] = [uniformNegatives(ITEMS), 6, 1]
  const shared = negativeDraws({ kind: 'shared', distribution, count, seed }).draw(TARGETS, SESSIONS)
  const mixed = negativeDraws({ kind: 'mixed', distribution, count, targets, seed }).draw(TARGETS, SESSIONS)
  expect(mixed.codes).toEqual(shared.codes)
  for (const [at, code] of mixed.codes.entries())
    expect(Math.exp(mixed.logQ[at]!)).toBeCloseTo(
      Math.exp(shared.logQ[at]!) + 3 * targets.probability(code),
      5,
    )
  for (const at of TARGETS.keys())
    expect(Math.exp(mixed.targetLogQ[at]!)).toBeCloseTo(
      Math.exp(shared.targetLogQ[at]!) + Math.exp(inBatch.targetLogQ[at]!),
      5,
    )
  // Of two sessions with two labels each, two are of the other one.
  for (const [at, each] of batch.draw(TARGETS, 2).targetLogQ.entries())
    expect(each).toBeCloseTo(Math.log(2 * targets.probability(TARGETS[at]!)), 5)
  expect(batch.draw(TARGETS.subarray(0, 1), 1).targetLogQ.every(Number.isFinite)).toBe(true)
})

test.each(['shared', 'each'] as const)('%s: a state that is written back repeats its draws', (kind) => {
  const distribution = logUniformNegatives(1000)
  const own = negativeDraws({ kind, distribution, count: 20, seed: 4 })
  own.draw(TARGETS, SESSIONS)
  const saved = [...own.state]
  const first = copy(own.draw(TARGETS, SESSIONS))
  expect(own.draw(TARGETS, SESSIONS)).not.toEqual(first)
  own.state.set(saved)
  expect(own.draw(TARGETS, SESSIONS)).toEqual(first)
  const other = negativeDraws({ kind, distribution, count: 20, seed: 99 })
  other.state.set(saved)
  expect(other.draw(TARGETS, SESSIONS)).toEqual(first)
})

test('negatives come from a stream of their own', () => {
  const distribution = uniformNegatives(10)
  const { state } = negativeDraws({ kind: 'shared', distribution, count: 2, seed: 3 })
  for (let stream = 0; stream < 100; stream++)
    expect([...state]).not.toEqual([...seedState(3, stream).subarray(0, 4)])
})

test('nearly all of many items, of which most hardly ever come up, are drawn all the same', () => {
  const rare = frequencyNegatives(
    Float64Array.from({ length: 20_000 }, (_, item) => (item === 0 ? 1e12 : 1)),
    {
      power: 1,
    },
  )
  const shared = negativeDraws({ kind: 'shared', distribution: rare, count: 19_999, seed: 1 })
  const { codes, logQ } = shared.draw(TARGETS, SESSIONS)
  expect(new Set(codes).size).toBe(19_999)
  expect(logQ.every((each) => Number.isFinite(each) && each <= 0)).toBe(true)
})

test('counts that are none are refused', () => {
  const distribution = uniformNegatives(10)
  for (const count of [0, -1, 2.5, NaN])
    for (const kind of ['shared', 'each'] as const)
      expect(() => negativeDraws({ kind, distribution, count, seed: 1 })).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
      )
})
