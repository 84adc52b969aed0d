import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { baselineOfKind } from './kinds.ts'

/** What session-rec scores, made by tools/parity/session_rec.py. Each row is over its greatest. */
interface Fixture {
  readonly items: number
  readonly log: readonly (readonly number[])[]
  /** Seconds. */
  readonly times: readonly (readonly number[])[]
  readonly prefixes: readonly (readonly number[])[]
  readonly cases: readonly {
    readonly kind: string
    readonly options: Readonly<Record<string, unknown>>
    readonly scores: readonly (readonly number[])[]
  }[]
}

const { items, log, times, prefixes, cases } = JSON.parse(
  readFileSync(new URL('../../test/fixtures/parity/baselines/scores.json', import.meta.url), 'utf8'),
) as Fixture
const train = sessionsOf(
  log,
  times.map((session) => session.map((seconds) => 1000 * seconds)),
)

describe.each(cases)('$kind $options', ({ kind, options, scores }) => {
  const fitted = baselineOfKind(kind, options).fit(train, { items })

  it('scores as session-rec does', () => {
    expect(scores.flat().filter((score) => score > 0).length).toBeGreaterThan(50)
    for (const [at, prefix] of prefixes.entries()) {
      const own = [...fitted.scoreAfter(Int32Array.from(prefix))]
      const theirs = scores[at]!
      if (kind === 'decayed-markov') {
        // Ours are levels, and what never followed goes by popularity.
        const followers = [...theirs.keys()].filter((column) => theirs[column]! > 0)
        const others = own.filter((_, column) => !followers.includes(column))
        for (const one of followers) {
          expect(own[one]).toBeGreaterThan(Math.max(...others, -1))
          for (const other of followers)
            if (theirs[one]! > theirs[other]! + 1e-9) expect(own[one]).toBeGreaterThan(own[other]!)
        }
      } else {
        const most = Math.max(...own) || 1
        for (const [column, score] of own.entries())
          expect(score / most, `${prefix.join(' ')}: ${column + 2}`).toBeCloseTo(theirs[column]!, 5)
      }
    }
  })
})
