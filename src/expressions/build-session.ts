import { keysOf, type Keys } from './build-keys.ts'
import {
  absolute,
  add,
  clip,
  divide,
  equal,
  fillMissing,
  floor,
  lessOrEqual,
  multiply,
  not,
  onlyWhere,
  squareRoot,
  subtract,
} from './build-values.ts'
import { checkOptions } from '../options.ts'
import { node, type Expression, type Operand } from './expression.ts'

/** What looks at other events: those of the session so far, or of all sessions before. */

/** The value `shift` events before in the session. */
export const lag = (x: Operand, shift = 1): Expression => node('lag', [x], { shift })
/** x less its value `shift` events before. */
export const difference = (x: Operand, shift = 1): Expression => subtract(x, lag(x, shift))
/** The place in the session, from 0. */
export const position = (): Expression => node('position', [])
/** Whether the session had the value before. */
export const seenBefore = (x: Operand): Expression => node('seenBefore', [x])
/** The value at the session's first event. */
export const first = (x: Operand): Expression => node('first', [x])
/** Milliseconds since the session's last event; missing for its first. */
export const sinceLast = (time: Operand): Expression => difference(time)
/** Whether an event repeats the one before it. */
export const repeatsLast = (x: Operand): Expression => fillMissing(equal(x, lag(x)), false)

/** The first value so far that is not missing. */
export const firstPresent = (x: Operand): Expression => node('firstPresent', [x])
/** The last value so far that is not missing: x, or what it was before. */
export const lastPresent = (x: Operand): Expression => node('lastPresent', [x])

/** How many values x had in the session so far, with this event; without x, how many events there were. */
export const sessionCount = (x: Operand = 1): Expression => node('sessionCount', [x])
/** Σ x over the session so far, exact, as a double; missing after an |x| > 2⁹⁰. */
export const sessionSum = (x: Operand): Expression => node('sessionSum', [x])
/** Σ x ÷ n over the session so far. */
export const sessionMean = (x: Operand): Expression => divide(sessionSum(x), sessionCount(x))
export const sessionMin = (x: Operand): Expression => node('sessionMin', [x])
export const sessionMax = (x: Operand): Expression => node('sessionMax', [x])
/** How many different values x had in the session so far. */
export const sessionDistinct = (x: Operand): Expression => sessionCount(onlyWhere(x, not(seenBefore(x))))

/** The middle value of the session so far, or the middle of the two in the middle. */
export const sessionMedian = (x: Operand): Expression => {
  const count = sessionCount(x)
  const below = node('sessionLeast', [x, floor(divide(add(count, 1), 2))])
  const above = node('sessionLeast', [x, add(floor(divide(count, 2)), 1)])
  // Halves first: the sum of two of the largest numbers is none.
  return add(divide(below, 2), divide(above, 2))
}

/**
 * The sample variance of the session so far: (Σ d² − (Σ d)² ÷ n) ÷ (n − 1), missing for n < 2, with d the distance from the session's first value.
 * That makes it sound where all values are far from 0. Missing also after an |x| > 2⁹⁰ or a |d| > 2⁴⁵ ≈ 3.5e13.
 */
export const sessionVariance = (x: Operand): Expression => {
  const count = sessionCount(x)
  const distance = subtract(x, firstPresent(x))
  const sum = sessionSum(distance)
  const squares = subtract(sessionSum(multiply(distance, distance)), divide(multiply(sum, sum), count))
  const bounded = lessOrEqual(sessionMax(absolute(x)), 2 ** 90)
  return onlyWhere(divide(clip(squares, { min: 0 }), subtract(count, 1)), bounded)
}
/** The square root of the sample variance of the session so far. */
export const sessionDeviation = (x: Operand): Expression => squareRoot(sessionVariance(x))

/** How many events of the same key there were in the time before, over all sessions. */
export const recentCount = (
  time: Operand,
  options: { readonly by: Keys; readonly windowMs: number },
): Expression => {
  checkOptions('recentCount', options, ['by', 'windowMs'])
  return node('recentCount', [time, ...keysOf(options.by)], { windowMs: options.windowMs })
}
