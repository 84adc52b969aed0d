import { EnsuiteError } from '../../errors.ts'
import { selectSessions, sessionLength, type Sessions, sessionsWhere, sliceSessions } from '../sessions.ts'
import { splitKind } from './split-kind.ts'

/**
 * Every session trains without its last two events, is validated on the last but one and tested on the last; a session of fewer than 3 events goes to training
 * whole. Trains on events later than targets.
 */
export const leaveOneOut = splitKind<'leave-one-out', object>({
  kind: 'leave-one-out',
  summary: 'the last event of each session tests, the one before it validates',
  options: {},
  divide: (sessions) => {
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
  },
})

/** All sessions, the long ones without their last `events`. */
function withoutLastOfLong(sessions: Sessions, events: number): Sessions {
  const all = Int32Array.from({ length: sessions.count }, (_, index) => index)
  return sliceSessions(sessions, all, {
    dropLast: (index) => (sessionLength(sessions, index) >= 3 ? events : 0),
  })
}
