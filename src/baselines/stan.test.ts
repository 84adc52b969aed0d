import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { a, b, d, log, scoresAfter } from './baselines.test-support.ts'
import { stan } from './stan.ts'
import { vstan } from './vstan.ts'

const close = (scores: readonly number[], expected: readonly number[]): void => {
  for (const [at, score] of scores.entries()) expect(score, 'abcde'[at]).toBeCloseTo(expected[at]!, 6)
}
const { exp, log: ln, sqrt } = Math

/*
 * After a b, positionDecay 2: a weighs w = exp(−1/2), b weighs 1; norm √(w² + 1). decayDays 1, from s3, the latest session that shares an item:
 *   s0 {a b c}, 3 days: (w + 1) ÷ (norm · √3) · e⁻³     last shared place: b, 2
 *   s1 {b c},   2 days: 1 ÷ (norm · √2) · e⁻²           b, 1
 *   s2 {a b d}, 1 day:  (w + 1) ÷ (norm · √3) · e⁻¹     b, 2
 *   s3 a c a,   0 days: w ÷ (norm · √2)                  a, 3, its last place
 */
const w = exp(-1 / 2)
const norm = sqrt(w * w + 1)
const s0 = ((w + 1) / (norm * sqrt(3))) * exp(-3)
const s1 = (1 / (norm * sqrt(2))) * exp(-2)
const s2 = ((w + 1) / (norm * sqrt(3))) * exp(-1)
const s3 = w / (norm * sqrt(2))
/** distanceDecay 3, so many places off. */
const off = (places: number): number => exp(-places / 3)
const options = { positionDecay: 2, decayDays: 1, distanceDecay: 3 }

describe('STAN by hand', () => {
  it('positions, age, distance', () => {
    close(scoresAfter(stan(options), [a, b]), [
      s0 * off(1) + s2 * off(1) + s3, // a: beside b in s0 and s2, itself in s3
      s0 + s1 + s2,
      s0 * off(1) + s1 * off(1) + s3 * off(1), // c is at 2 in s3, one place from the last a
      s2 * off(1),
      0,
    ])
  })

  it('takes the likest after age has been weighed, and leaves items of the prefix out', () => {
    // s2 and s3 are the best two: s0 is as like as s2, but two days older.
    close(scoresAfter(stan({ ...options, neighbours: 2, remind: false }), [a, b]), [
      0,
      0,
      s3 * off(1),
      s2 * off(1),
      0,
    ])
  })

  it('each decay can be left out', () => {
    const plain = stan({ positionDecay: false, decayDays: false, distanceDecay: false, remind: false })
    // All events weigh 1: s0 2/√6, s1 1/√4, s2 2/√6, s3 1/√4.
    close(scoresAfter(plain, [a, b]), [0, 0, 2 / sqrt(6) + 1 / 2 + 1 / 2, 2 / sqrt(6), 0])
  })
})

describe('VSTAN by hand', () => {
  it('is STAN where matches and rarity do not count', () => {
    const same = vstan({ ...options, matchDecay: false, idfWeight: 0 })
    expect(scoresAfter(same, [a, b])).toEqual(scoresAfter(stan(options), [a, b]))
  })

  it('weighs how far back the match is, and rare items', () => {
    // Only s3's latest match, a, is one place back: exp(−1/2). ln(5 ÷ 3) of c, ln(5 ÷ 2) of d.
    const rare = vstan({ ...options, matchDecay: 2, idfWeight: 3, remind: false })
    close(scoresAfter(rare, [a, b]), [
      0,
      0,
      (s0 * off(1) + s1 * off(1) + s3 * off(1) * exp(-1 / 2)) * (1 + 3 * ln(5 / 3)),
      s2 * off(1) * (1 + 3 * ln(5 / 2)),
      0,
    ])
  })
})

describe.each([
  ['stan', stan],
  ['vstan', vstan],
] as const)('%s', (kind, make) => {
  const untimed = sessionsOf([[a, b, d]])

  it('refuses sessions without times, unless age does not count', () => {
    expect(() => make().fit(untimed, { items: 5 })).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringMatching(`${kind}.*decayDays.*times`) as string,
      }) as Error,
    )
    const fitted = make({ decayDays: false }).fit(untimed, { items: 5 })
    expect(fitted.scoreAfter(Int32Array.of(a))[d - 2]).toBeGreaterThan(0)
  })

  it('refuses to mix sessions with times and others', () => {
    const fitted = make({ decayDays: false }).fit(untimed, { items: 5 })
    expect(() => fitted.update(log)).toThrow(/without times was given some with/)
  })

  it('sessions of a hundred years ago do not vanish', () => {
    const old = sessionsOf([[a, b]], [[0, 1]])
    const fitted = make({ decayDays: 0.01 }).fit(old, { items: 5 })
    expect(fitted.scoreAfter(Int32Array.of(a))[b - 2]).toBeGreaterThan(0.1)
  })
})
