import { checkGiven } from '../options.ts'
import { checkSessions, sessionLength, type Sessions, timesOf } from './sessions.ts'
import type { SplitSessions } from './splits/split-kind.ts'

/** What training knows of the time of the targets. Times are in the unit of the sessions': milliseconds since 1970-01-01 UTC. */
export interface TimeLeak {
  /** Whether any training event is later than the first target of validation or test. */
  readonly leaks: boolean
  /** The latest training event; nothing without one. */
  readonly trainingUntil?: number
  /** The first target; nothing for a part without targets. */
  readonly validationFrom?: number
  readonly testFrom?: number
  readonly trainingEvents: number
  /** Training events that are later than the first target of each. */
  readonly eventsAfter: { readonly validation: number; readonly test: number }
  /** Of all training events, those that are later than the first target of either: 0 to 1. */
  readonly share: number
}

/**
 * Says whether a split trains on what happens after it is asked to predict: how many training events are later than the first target.
 *
 * A target is the last event of a session of two events or more in `validation` and `test`. An event of the very time of the first target does not count.
 *
 * - `time` never leaks by this measure: it orders sessions by their last events, and these are the targets. Other events of a validation or test session
 *   may be earlier than training events.
 * - `cut` never leaks.
 * - `leave-one-out` and `random` leak on all but the shortest logs: someone's last event but two comes after someone else's last. Their figures say how well
 *   gaps are filled, and are higher than those of a model that must predict what nobody has done yet.
 *
 * Vocabularies and statistics count as well, and are not seen here: learn them from events before `validationFrom`.
 * Throws `OPTION_INVALID` for parts that are no sessions, and for sessions without times.
 *
 * Ji, Sun, Zhang, Li, "A critical study on data leakage in recommender system offline evaluation", TOIS 2023.
 */
export function timeLeak(parts: Pick<SplitSessions, 'train' | 'validation' | 'test'>): TimeLeak {
  const what = 'the parts of a split, { train, validation, test }'
  checkGiven('timeLeak', parts, { what, isGood: Object(parts) === parts })
  const { train, validation, test } = parts
  for (const [name, part] of Object.entries({ train, validation, test }))
    checkSessions(`timeLeak: ${name}`, part)
  const times = timesOf(train, 'timeLeak')
  const starts = { validation: firstTarget(validation), test: firstTarget(test) }
  const first = Math.min(starts.validation, starts.test)
  let [until, after] = [-Infinity, 0]
  const eventsAfter = { validation: 0, test: 0 }
  for (const time of times) {
    if (time > until) until = time
    if (time > first) after++
    if (time > starts.validation) eventsAfter.validation++
    if (time > starts.test) eventsAfter.test++
  }
  return {
    leaks: after > 0,
    ...(times.length > 0 && { trainingUntil: until }),
    ...(starts.validation < Infinity && { validationFrom: starts.validation }),
    ...(starts.test < Infinity && { testFrom: starts.test }),
    trainingEvents: times.length,
    eventsAfter,
    share: times.length === 0 ? 0 : after / times.length,
  }
}

/** The time of the first target: the last event of a session of two or more. Infinity where there is none. Throws `OPTION_INVALID` for sessions without times. */
export function firstTarget(sessions: Sessions): number {
  const times = timesOf(sessions, 'timeLeak')
  let first = Infinity
  for (let index = 0; index < sessions.count; index++)
    if (sessionLength(sessions, index) > 1) first = Math.min(first, times[sessions.offsets[index + 1]! - 1]!)
  return first
}
