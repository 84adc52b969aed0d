import { sessionsOf } from '../data/sessions-of.test-support.ts'
import type { Baseline } from './baseline.ts'

/** Codes of items, as words. */
export const [a, b, c, d, e] = [2, 3, 4, 5, 6]

/**
 * Five sessions, an hour long each, that end on days 0, 1, 2, 3 and 4:
 *   s0: a b c   s1: b c   s2: a b d   s3: a c a   s4: d e
 * Occurrences: a 4 (of which two in s3), b 3, c 3, d 2, e 1.
 */
const codes = [
  [a, b, c],
  [b, c],
  [a, b, d],
  [a, c, a],
  [d, e],
]
export const DAY = 86_400_000
export const log = sessionsOf(
  codes,
  codes.map((session, day) => session.map((_, at) => day * DAY - (session.length - 1 - at) * 1000)),
)

/** The scores of a to e after these events, of a baseline that was fitted on `log`. */
export function scoresAfter(baseline: Baseline, events: readonly number[]): number[] {
  return [...baseline.fit(log, { items: 5 }).scoreAfter(Int32Array.from(events))]
}

/** The items best first, those tied together in one string. */
export function rankingAfter(baseline: Baseline, events: readonly number[]): string[] {
  const scores = scoresAfter(baseline, events)
  const levels = [...new Set(scores)].sort((one, other) => other - one)
  return levels.map((level) => scores.map((score, at) => (score === level ? 'abcde'[at]! : '')).join(''))
}
