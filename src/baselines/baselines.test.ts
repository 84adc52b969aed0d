import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planEvaluation } from '../data/batches.ts'
import { selectSessions, type Sessions } from '../data/sessions.ts'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { baselineKinds, baselineOfKind } from './kinds.ts'

const ITEMS = 7

/** Every kind by its defaults, and those of several ways by the others. */
const cases: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ...baselineKinds.map((kind) => [kind, {}] as const),
  ['vsknn', { similarity: 'cosine', neighbours: 2, sampleSize: 3, idfWeight: 5, remind: false }],
  ['vsknn', { similarity: 'share', weighting: 'linear', scoreWeighting: 'linear', pushReminders: true }],
  ['stan', { neighbours: 2, sampleSize: 3, decayDays: 1e-8, remind: false }],
  ['vstan', { neighbours: 2, sampleSize: 3, decayDays: false }],
  ['decayed-markov', { halfLifeMs: 5, weighting: 'linear', steps: 12 }],
  ['recent-popularity', { halfLifeMs: 2 }],
  ['item-knn', { neighbours: 1 }],
]

/** Any log: unknown items, sessions of nothing else or of nothing, sessions at the same time and in any order. */
const anyLog = fc
  .array(
    fc.record({
      codes: fc.array(fc.integer({ min: 1, max: ITEMS + 1 }), { maxLength: 8 }),
      start: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 12 },
  )
  .map((sessions) =>
    sessionsOf(
      sessions.map(({ codes }) => codes),
      sessions.map(({ codes, start }) => codes.map((_, at) => start + at)),
    ),
  )
const anyPrefix = fc.array(fc.integer({ min: 1, max: ITEMS + 1 }), { maxLength: 6 })

const some = (log: Sessions, from: number, to: number): Sessions =>
  selectSessions(
    log,
    Int32Array.from({ length: to - from }, (_, at) => from + at),
  )

describe.each(cases)('%s %o', (kind, options) => {
  const made = baselineOfKind(kind, options)

  it('is data: made again from its JSON it is the same', () => {
    const again = baselineOfKind(made.kind, JSON.parse(JSON.stringify(made.options)) as typeof options)
    expect(again.kind).toBe(kind)
    expect(again.options).toEqual(made.options)
    expect(Object.isFrozen(made) && Object.isFrozen(made.options)).toBe(true)
  })

  it('learns from a log in two parts as from all of it, at any place, and says the same twice', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), anyPrefix, (log, at, prefix) => {
        const cut = at % (log.count + 1)
        const whole = made.fit(log, { items: ITEMS })
        const parts = made.fit(some(log, 0, cut), { items: ITEMS })
        // Asked in between: what is kept must not outlive what is learnt.
        parts.scoreAfter(Int32Array.from(prefix))
        parts.update(some(log, cut, log.count))
        const scores = whole.scoreAfter(Int32Array.from(prefix))
        expect(parts.scoreAfter(Int32Array.from(prefix))).toEqual(scores)
        expect(whole.scoreAfter(Int32Array.from(prefix))).toEqual(scores)
        expect(scores).toHaveLength(ITEMS)
        expect(scores.every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('skips unknown items of a prefix', () => {
    fc.assert(
      fc.property(anyLog, anyPrefix, (log, prefix) => {
        const fitted = made.fit(log, { items: ITEMS })
        const known = Int32Array.from(prefix.filter((code) => code !== 1))
        expect(fitted.scoreAfter(Int32Array.from(prefix))).toEqual(fitted.scoreAfter(known))
      }),
      { numRuns: 30 },
    )
  })

  it('scores the rows of a batch by their own prefixes, and never by the targets', async () => {
    const log = sessionsOf(
      [
        [2, 3, 4, 5],
        [3, 4, 6],
        [2, 5, 3, 8],
        [7, 2, 3],
      ],
      [
        [1, 2, 3, 4],
        [5, 6, 7],
        [8, 9, 10, 11],
        [12, 13, 14],
      ],
    )
    const fitted = made.fit(log, { items: ITEMS })
    for (const target of [1, 2, 7]) {
      const sessions = sessionsOf([
        [2, 3, target],
        [7, target],
        [4, 4, 3, target],
      ])
      const batch = planEvaluation(sessions, { maxLength: 1, batchSize: 3 }).batch(0)
      const scores = await fitted.score(batch, sessions)
      for (const [row, session] of batch.sessionIndices.entries()) {
        const prefix = Int32Array.from([[2, 3], [7], [4, 4, 3]][session]!)
        expect(scores.slice(row * ITEMS, (row + 1) * ITEMS)).toEqual(fitted.scoreAfter(prefix))
      }
    }
  })

  it('says whether it is silent of items that nothing leads to from the session', () => {
    const log = sessionsOf([[2, 3, 4], [3, 4], [5]], [[0, 1, 2], [3, 4], [5]])
    const others = made.fit(log, { items: 4 }).scoreAfter(Int32Array.of(5)).subarray(0, 3)
    expect(made.silentAtZero).toBe(others.every((score) => score === 0))
  })

  it('refuses items beyond the catalogue, and learns nothing of their sessions', () => {
    const fitted = made.fit(sessionsOf([[2, 3]], [[0, 1]]), { items: 2 })
    const before = fitted.scoreAfter(Int32Array.of(2))
    const beyond = sessionsOf(
      [
        [3, 2],
        [3, 4],
      ],
      [
        [2, 3],
        [4, 5],
      ],
    )
    const refused = expect.objectContaining({ code: 'OPTION_INVALID' }) as Error
    expect(() => fitted.update(beyond)).toThrow(refused)
    expect(fitted.scoreAfter(Int32Array.of(2))).toEqual(before)
    expect(() => fitted.scoreAfter(Int32Array.of(4))).toThrow(refused)
    expect(() => made.fit(beyond, { items: 0 })).toThrow(refused)
    expect(() => made.fit({} as never, { items: 2 })).toThrow(/expects sessions in memory.*an object/)
  })

  it('refuses options that it does not know', () => {
    expect(() => baselineOfKind(kind, { ...options, nonsense: 1 })).toThrow(
      expect.objectContaining({ code: 'OPTION_UNKNOWN' }) as Error,
    )
  })
})

it.each([
  ['vsknn', { neighbours: 0 }],
  ['vsknn', { sampleSize: -1 }],
  ['vsknn', { weighting: 'cubic' }],
  ['vsknn', { similarity: 'jaccard' }],
  ['vsknn', { remind: 1 }],
  ['stan', { decayDays: 0 }],
  ['stan', { decayDays: true }],
  ['vstan', { matchDecay: -1 }],
  ['vstan', { idfWeight: false }],
  ['decayed-markov', { steps: 1.5 }],
  ['recent-popularity', { halfLifeMs: false }],
  ['item-knn', { balance: 1.1 }],
  ['ease', { regularisation: 0 }],
])('%s refuses %o', (kind, options) => {
  expect(() => baselineOfKind(kind, options)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
  )
})

it('names the kinds there are', () => {
  expect(() => baselineOfKind('vskn')).toThrow(/popularity.*vsknn.*Did you mean 'vsknn'/)
})
