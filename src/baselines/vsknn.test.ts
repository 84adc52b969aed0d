import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { a, b, c, d, e, scoresAfter } from './baselines.test-support.ts'
import type { Baseline } from './baseline.ts'
import { vsknn, type VsknnOptions } from './vsknn.ts'

const close = (scores: readonly number[], expected: readonly number[]): void => {
  expect(scores).toHaveLength(expected.length)
  for (const [at, score] of scores.entries()) expect(score, 'abcde'[at]).toBeCloseTo(expected[at]!, 6)
}

/*
 * After a b, cosine, weighting div: a weighs 1/2, b weighs 1; norm √(1/4 + 1) = √5/2.
 *   s0 {a b c}: (1/2 + 1) ÷ (√5/2 · √3) = 3/√15     latest shared: b, one step back: 1
 *   s1 {b c}:   1 ÷ (√5/2 · √2) = 2/√10             b: 1
 *   s2 {a b d}: 3/√15                                b: 1
 *   s3 {a c}:   1/2 ÷ (√5/2 · √2) = 1/√10           a, two steps back: 1/2
 *   s4 shares nothing.
 */
const [s0, s1, s2, s3] = [3 / Math.sqrt(15), 2 / Math.sqrt(10), 3 / Math.sqrt(15), 1 / Math.sqrt(10)]

const cosine = (options: VsknnOptions = {}): Baseline => vsknn({ similarity: 'cosine', ...options })

describe('by hand', () => {
  it('sums the likeness of the sessions that hold an item, times how far back the shared one is', () => {
    close(scoresAfter(cosine(), [a, b]), [
      s0 + s2 + s3 / 2,
      s0 + s1 + s2,
      s0 + s1 + s3 / 2,
      s2,
      0, // e is in no session that shares an item
    ])
  })

  it('takes the likest sessions, and the most recent of those that are equally like', () => {
    close(scoresAfter(cosine({ neighbours: 1 }), [a, b]), [s2, s2, 0, s2, 0])
    close(scoresAfter(cosine({ neighbours: 3 }), [a, b]), [s0 + s2, s0 + s1 + s2, s0 + s1, s2, 0])
  })

  it('compares the most recent sessions alone where a sample is asked for', () => {
    close(scoresAfter(cosine({ sampleSize: 2 }), [a, b]), [s2 + s3 / 2, s2, s3 / 2, s2, 0])
    expect(scoresAfter(cosine({ sampleSize: 0 }), [a, b])).toEqual(scoresAfter(cosine(), [a, b]))
  })

  it('leaves items of the prefix out, or pushes them by how often they are there', () => {
    close(scoresAfter(cosine({ remind: false }), [a, b]), [0, 0, s0 + s1 + s3 / 2, s2, 0])
    close(scoresAfter(cosine({ pushReminders: true }), [a, b]), [
      2 * (s0 + s2 + s3 / 2),
      2 * (s0 + s1 + s2),
      s0 + s1 + s3 / 2,
      s2,
      0,
    ])
  })

  it('weighs rare items: 1 + weight · ln(5 sessions ÷ occurrences)', () => {
    close(scoresAfter(cosine({ remind: false, idfWeight: 2 }), [a, b]), [
      0,
      0,
      (s0 + s1 + s3 / 2) * (1 + 2 * Math.log(5 / 3)),
      s2 * (1 + 2 * Math.log(5 / 2)),
      0,
    ])
  })

  it('by the share of the prefix: (1/2 + 1) ÷ 2, 1 ÷ 2, (1/2 + 1) ÷ 2 and 1/2 ÷ 2', () => {
    close(scoresAfter(vsknn({ remind: false }), [a, b]), [0, 0, 0.75 + 0.5 + 0.25 / 2, 0.75, 0])
  })

  /*
   * After a b d by share, quadratic: a (1/3)², b (2/3)², d 1. s0: (1/9 + 4/9)/3, latest b: 1/4. s1: (4/9)/3, 1/4.
   * s2: (14/9)/3, latest d: 1. s3: (1/9)/3, latest a: 1/9. s4: 1/3, 1.
   */
  it('quadratic weights', () => {
    const quadratic = vsknn({ similarity: 'share', weighting: 'quadratic', scoreWeighting: 'quadratic' })
    close(scoresAfter(quadratic, [a, b, d]), [
      5 / 27 / 4 + 14 / 27 + 1 / 27 / 9,
      5 / 27 / 4 + 4 / 27 / 4 + 14 / 27,
      5 / 27 / 4 + 4 / 27 / 4 + 1 / 27 / 9,
      14 / 27 + 1 / 3,
      1 / 3,
    ])
  })

  it.each([
    // linear: a 1 − 0.1, b 1; by steps: b 0.9, a 0.8. The sessions with c: s0 by b, s1 by b, s3 by a.
    ['linear', (1.9 / 2) * 0.9 + 0.5 * 0.9 + (0.9 / 2) * 0.8],
    ['same', 1 + 0.5 + 0.5],
    // log: a 1 ÷ log10(2.7), b 1 ÷ log10(1.7); by steps: b 1 ÷ log10(2.7), a 1 ÷ log10(3.7).
    [
      'log',
      (1 / Math.log10(2.7) + 1 / Math.log10(1.7)) / 2 / Math.log10(2.7) +
        1 / Math.log10(1.7) / 2 / Math.log10(2.7) +
        1 / Math.log10(2.7) / 2 / Math.log10(3.7),
    ],
  ] as const)('%s weights', (weighting, ofC) => {
    const scored = vsknn({ similarity: 'share', weighting, scoreWeighting: weighting })
    expect(scoresAfter(scored, [a, b])[c - 2]).toBeCloseTo(ofC, 6)
  })
})

it('without times a session is as recent as its place in the log', () => {
  const fitted = vsknn({ neighbours: 1, remind: false }).fit(
    sessionsOf([
      [a, b],
      [a, c],
      [a, d],
    ]),
    { items: 5 },
  )
  expect([...fitted.scoreAfter(Int32Array.of(a))].map((score) => score > 0)).toEqual([
    false,
    false,
    false,
    true,
    false,
  ])
})

it('an item that was never met, or no event, says nothing', () => {
  const fitted = vsknn().fit(sessionsOf([[a, b]]), { items: 5 })
  expect([...fitted.scoreAfter(Int32Array.of(e))]).toEqual([0, 0, 0, 0, 0])
  expect([...fitted.scoreAfter(new Int32Array())]).toEqual([0, 0, 0, 0, 0])
})
