import { EnsuiteError } from '../../errors.ts'
import { checkNumber } from '../../options.ts'
import { selectSessions, type Sessions } from '../sessions.ts'
import type { SplitOption, SplitSessions } from './split-kind.ts'

/** Shares of the number of sessions, from 0; they leave some for training. */
export interface Shares {
  readonly validation: number
  readonly test: number
}

const share = (of: string): SplitOption => ({ kind: 'share', summary: `share of the sessions that ${of}` })

export const shareOptions = { validation: share('validate'), test: share('test') } as const

/** The end of `order` tests, what is before it validates, the rest trains. */
export function byShares(sessions: Sessions, order: Int32Array, shares: Shares): SplitSessions {
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
        `Raise the share, or give more sessions. A share of 0 leaves its part out: training goes without validation, and nothing is measured without a test.`,
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
