import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { a, b, c, d, DAY, e, log, rankingAfter, scoresAfter } from './baselines.test-support.ts'
import { decayedMarkov } from './decayed-markov.ts'
import { itemKnn } from './item-knn.ts'
import { recentPopularity } from './recent-popularity.ts'
import { sessionPopularity } from './session-popularity.ts'

describe('popularity of late', () => {
  /*
   * Half a day, as of day 4 and but for seconds: a day counts 1/4.
   *   a: s0 1/256, s2 1/16, s3 twice 1/4 → 0.566   b: 1/256 + 1/64 + 1/16 → 0.082   c: 1/256 + 1/64 + 1/4 → 0.270
   *   d: 1/16 + 1 → 1.06   e: 1
   */
  it('by hand', () => {
    expect(rankingAfter(recentPopularity({ halfLifeMs: DAY / 2 }), [])).toEqual(['d', 'e', 'a', 'c', 'b'])
  })

  it('over a long half-life it is popularity, ties but for the last days', () => {
    expect(rankingAfter(recentPopularity({ halfLifeMs: 1e6 * DAY }), [c])).toEqual(['a', 'c', 'b', 'd', 'e'])
  })

  it('tells apart events of long ago, and what never occurred', () => {
    const old = sessionsOf([[a], [b, b], [c]], [[0], [DAY, DAY], [5000 * DAY]])
    const fitted = recentPopularity({ halfLifeMs: DAY / 24 }).fit(old, { items: 4 })
    expect([...fitted.scoreAfter(new Int32Array())]).toEqual([1, 2, 3, 0])
  })

  it('refuses sessions without times', () => {
    expect(() => recentPopularity().fit(sessionsOf([[a]]), { items: 1 })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
  })
})

describe('popularity in the session', () => {
  // In all: a 4, b and c 3, d 2, e 1.
  it.each([
    ['nothing: in all', [], ['a', 'bc', 'd', 'e']],
    ['by how often, then in all, then the rest in all', [e, d, e, c], ['e', 'c', 'd', 'a', 'b']],
    ['equally often and equally popular', [c, b], ['bc', 'a', 'd', 'e']],
  ] as const)('%s', (_, prefix, expected) => {
    expect(rankingAfter(sessionPopularity(), prefix)).toEqual(expected)
  })
})

describe('decayed Markov', () => {
  // After a, by 1 ÷ steps: b 1 (s0) + 1 (s2), c 1/2 (s0) + 1 (s3), d 1/2 (s2), a 1/2 (s3). e never: popularity.
  it('counts several steps, the near ones for more', () => {
    expect(rankingAfter(decayedMarkov(), [b, a])).toEqual(['b', 'c', 'a', 'd', 'e'])
  })

  it('after one step alone it is the Markov chain: b twice, c once, then a, d, e by popularity', () => {
    expect(rankingAfter(decayedMarkov({ steps: 1 }), [a])).toEqual(['b', 'c', 'a', 'd', 'e'])
  })

  // After a, half a day: of s0 1/64, of s2 1/4 and of s3 1, as of day 3. b 1/64 + 1/4, c 1/128 + 1, d 1/8, a 1/2.
  it('forgets', () => {
    expect(rankingAfter(decayedMarkov({ halfLifeMs: DAY / 2 }), [a])).toEqual(['c', 'a', 'b', 'd', 'e'])
  })

  it.each([
    // b came once at the first step, c twice at the second: 1 against 2, 2/2 (c is more popular), 2/4.
    ['same', 'c'],
    ['div', 'c'],
    ['quadratic', 'b'],
  ] as const)('weighs steps %s', (weighting, first) => {
    const sessions = sessionsOf([[a, d, c], [a, d, c], [a, b], [c]])
    const scores = decayedMarkov({ weighting }).fit(sessions, { items: 5 }).scoreAfter(Int32Array.of(a))
    expect(scores[b - 2]! > scores[c - 2]! ? 'b' : 'c').toBe(first)
  })

  it('an unknown item holds its place', () => {
    const fitted = decayedMarkov({ steps: 1 }).fit(sessionsOf([[a, 1, b]]), { items: 5 })
    const scores = fitted.scoreAfter(Int32Array.of(a))
    // Both occur once, and nothing followed: a tie.
    expect(scores[b - 2]).toBe(scores[a - 2])
  })

  it('needs times for its half-life alone', () => {
    expect(() => decayedMarkov({ halfLifeMs: 1 }).fit(sessionsOf([[a]]), { items: 1 })).toThrow(
      /half-life.*times/,
    )
    expect(() => decayedMarkov().fit(sessionsOf([[a]]), { items: 1 })).not.toThrow()
  })
})

describe('item-kNN', () => {
  /*
   * Pairs with a: b in s0 and s2: 2. c in s0, and in s3, where a is twice: 3. d in s2: 1.
   * Occurrences: a 4, b 3, c 3, d 2; shrinkage 1, balance 1/2: the root of (4 + 1) · (occurrences + 1).
   */
  const [withB, withC, withD] = [2 / Math.sqrt(5 * 4), 3 / Math.sqrt(5 * 4), 1 / Math.sqrt(5 * 3)]

  it('by hand, after the last event alone', () => {
    const scores = scoresAfter(itemKnn({ shrinkage: 1 }), [e, a])
    for (const [at, expected] of [0, withB, withC, withD, 0].entries())
      expect(scores[at]).toBeCloseTo(expected, 6)
  })

  it('keeps the likest items, of equal ones those of lower code', () => {
    const kept = (neighbours: number, prefix: number[]): boolean[] =>
      scoresAfter(itemKnn({ neighbours, shrinkage: 1 }), prefix).map((score) => score > 0)
    expect(kept(1, [a])).toEqual([false, false, true, false, false])
    // After b: a twice of 4 · 5, c twice of 4 · 4, d once of 4 · 3.
    expect(kept(2, [b])).toEqual([true, false, true, false, false])
  })

  it('counts occurrences of the last item alone: after c, a twice in s3 is one pair', () => {
    // a in s0 and s3, b in s0 and s1: 2 each.
    const scores = scoresAfter(itemKnn({ shrinkage: 0, balance: 1 }), [c])
    for (const [at, expected] of [2 / 3, 2 / 3, 0, 0, 0].entries())
      expect(scores[at]).toBeCloseTo(expected, 6)
  })

  it('with balance 1 and no shrinkage it is the share of the last item', () => {
    const scores = scoresAfter(itemKnn({ shrinkage: 0, balance: 1 }), [d])
    // d occurs twice, once beside each of a, b and e.
    expect(scores).toEqual([0.5, 0.5, 0, 0, 0.5])
  })
})

it('the log is what the comments say', () => {
  expect(log.times!.filter((_, event) => log.offsets.includes(event + 1))).toEqual(
    Float64Array.of(0, DAY, 2 * DAY, 3 * DAY, 4 * DAY),
  )
})
