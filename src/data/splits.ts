import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { createRandom } from '../random.ts'
import { cutByTime, type TimeCuts } from './cut-by-time.ts'
import {
  selectSessions,
  sessionLength,
  type Sessions,
  sessionsWhere,
  sliceSessions,
  timesOf,
} from './sessions.ts'

/** How sessions are divided. Shares are of the number of sessions, from 0, and leave some for training. */
export type Split =
  | { readonly kind: 'leave-one-out' }
  | { readonly kind: 'random'; readonly validation: number; readonly test: number; readonly seed: number }
  | { readonly kind: 'time'; readonly validation: number; readonly test: number }
  | ({ readonly kind: 'cut' } & TimeCuts)

/** In `validation` and `test` the last event of each session is the target, all before it the prefix. */
export interface SplitSessions {
  readonly train: Sessions
  readonly validation: Sessions
  readonly test: Sessions
  /** Every event that stands outside the test: training and validation, each event once. What a rule may know before the test. */
  readonly known: Sessions
}

const knownOptions = {
  'leave-one-out': ['kind'],
  random: ['kind', 'validation', 'test', 'seed'],
  time: ['kind', 'validation', 'test'],
  cut: ['kind', 'validationFrom', 'testFrom'],
} as const

/**
 * Divides sessions into training, validation and test.
 *
 * - `leave-one-out`: every session trains without its last two events, is validated on the last but one and tested on
 *   the last; a session of fewer than 3 events goes to training whole.
 * - `random`: whole sessions, drawn with `seed`.
 * - `time`: whole sessions by the time of their last event (ties by their order): the latest test, those before validate. No training event is later than a
 *   target, and none of validation later than one of the test. What a session that goes on behind the cut held before it does not train either.
 * - `cut`: events by two instants, for sessions that are long, such as users: all events before `validationFrom` train, whatever session they are in. Sessions with
 *   an event from there to `testFrom` validate on the last of these, sessions with an event from `testFrom` on test on their last; both with all history.
 *
 * Sessions keep their order and their history. `timeLeak` says how a split stands to time: `leave-one-out` and `random` train on events later than targets. Throws `SESSIONS_TOO_FEW` if a part that was asked for is empty,
 * `OPTION_UNKNOWN`, and `OPTION_INVALID`, also for `time` and `cut` on sessions without times.
 */
export function splitSessions(sessions: Sessions, split: Split): SplitSessions {
  if (!Object.hasOwn(knownOptions, split.kind)) {
    throw new EnsuiteError(
      'OPTION_INVALID',
      `kind of splitSessions must be ${Object.keys(knownOptions).join(', ')}, received '${split.kind as string}'.`,
    )
  }
  checkOptions(`splitSessions of kind '${split.kind}'`, split, knownOptions[split.kind])
  if (split.kind === 'leave-one-out') return leaveOneOut(sessions)
  if (split.kind === 'cut') return cutByTime(sessions, split)
  const order = split.kind === 'random' ? randomOrder(sessions, split.seed) : timeOrder(sessions)
  return byShares(sessions, order, split)
}

function leaveOneOut(sessions: Sessions): SplitSessions {
  const long = sessionsWhere(sessions, (index) => sessionLength(sessions, index) >= 3)
  if (long.length === 0) {
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `leave-one-out needs sessions of 3 or more events; none of the ${sessions.count} sessions has as many. ` +
        `Split by 'random' or 'time', or give longer sessions.`,
    )
  }
  return {
    train: withoutLastOfLong(sessions, 2),
    validation: sliceSessions(sessions, long, { dropLast: () => 1 }),
    test: selectSessions(sessions, long),
    known: withoutLastOfLong(sessions, 1),
  }
}

/** All sessions, the long ones without their last `events`. */
function withoutLastOfLong(sessions: Sessions, events: number): Sessions {
  const all = Int32Array.from({ length: sessions.count }, (_, index) => index)
  return sliceSessions(sessions, all, {
    dropLast: (index) => (sessionLength(sessions, index) >= 3 ? events : 0),
  })
}

function randomOrder(sessions: Sessions, seed: number): Int32Array {
  const order = Int32Array.from({ length: sessions.count }, (_, index) => index)
  createRandom(seed).shuffle(order)
  return order
}

function timeOrder(sessions: Sessions): Int32Array {
  const { count, offsets } = sessions
  const times = timesOf(sessions, 'A split by time')
  const last = (index: number): number => times[offsets[index + 1]! - 1]!
  return Int32Array.from({ length: count }, (_, index) => index).sort(
    (left, right) => last(left) - last(right) || left - right,
  )
}

/** The end of `order` tests, what is before it validates, the rest trains. */
function byShares(
  sessions: Sessions,
  order: Int32Array,
  shares: { readonly validation: number; readonly test: number },
): SplitSessions {
  const { validation, test } = shares
  checkNumber('validation of splitSessions', validation, { min: 0, below: 1 })
  checkNumber('test of splitSessions', test, { min: 0, below: 1 })
  checkNumber('validation + test of splitSessions', validation + test, { below: 1 })
  const testStart = order.length - Math.round(order.length * test)
  const validationStart = testStart - Math.round(order.length * validation)
  const empty =
    validationStart <= 0 ||
    (validation > 0 && validationStart === testStart) ||
    (test > 0 && testStart === order.length)
  if (empty) {
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `${order.length} sessions are too few for the shares validation ${validation} and test ${test}: a part would be empty. ` +
        `Raise the share, set it to 0, or give more sessions.`,
    )
  }
  const part = (start: number, end: number): Sessions =>
    selectSessions(sessions, order.slice(start, end).sort())
  return {
    train: part(0, validationStart),
    validation: part(validationStart, testStart),
    test: part(testStart, order.length),
    known: part(0, testStart),
  }
}
