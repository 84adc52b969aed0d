import { EnsuiteError } from '../../errors.ts'
import { checkNumber } from '../../options.ts'
import { sessionLength, type Sessions, sessionsWhere, sliceSessions, timesOf } from '../sessions.ts'
import { splitKind } from './split-kind.ts'

/** Instants, in the unit of the sessions' times: milliseconds since 1970-01-01 UTC. */
export interface TimeCuts {
  readonly validationFrom: number
  /** From `validationFrom` on; the same instant for a split without validation. */
  readonly testFrom: number
}

/**
 * Events by two instants, for sessions that are long, such as users: all events before `validationFrom` train, whatever session they are in. Sessions with an event from
 * there to `testFrom` validate on the last of these, sessions with an event from `testFrom` on test on their last; both with all history.
 */
export const cut = splitKind<'cut', TimeCuts>({
  kind: 'cut',
  summary: 'events by two instants: what is before the first trains, what is behind the second tests',
  options: {
    validationFrom: { kind: 'instant', summary: 'events from then on validate' },
    testFrom: { kind: 'instant', summary: 'events from then on test' },
  },
  divide: (sessions, { validationFrom, testFrom }) => {
    const times = timesOf(sessions, 'A split by time')
    checkNumber('validationFrom of splitSessions', validationFrom, {})
    checkNumber('testFrom of splitSessions', testFrom, { min: validationFrom })
    const { offsets } = sessions
    /** The sessions up to `until`, those that have an event from `from` on, or any where it is -Infinity. */
    const part = (from: number, until: number): Sessions => {
      const kept = new Int32Array(sessions.count)
      for (let index = 0; index < sessions.count; index++) {
        let end = offsets[index + 1]!
        while (end > offsets[index]! && times[end - 1]! >= until) end--
        kept[index] = end - offsets[index]!
      }
      const chosen = sessionsWhere(
        sessions,
        (index) => kept[index]! > 0 && times[offsets[index]! + kept[index]! - 1]! >= from,
      )
      return sliceSessions(sessions, chosen, {
        dropLast: (index) => sessionLength(sessions, index) - kept[index]!,
      })
    }
    const parts = {
      train: part(-Infinity, validationFrom),
      validation: part(validationFrom, testFrom),
      test: part(testFrom, Infinity),
      known: part(-Infinity, testFrom),
    }
    const empty = (['train', 'validation', 'test'] as const).find(
      (name) => parts[name].count === 0 && (name !== 'validation' || validationFrom < testFrom),
    )
    if (empty !== undefined)
      throw new EnsuiteError(
        'SESSIONS_TOO_FEW',
        `No event falls into the ${empty} part, with validationFrom ${validationFrom} and testFrom ${testFrom}: the events are from ` +
          `${extreme(times, Math.min)} to ${extreme(times, Math.max)}. Choose instants between them, in milliseconds.`,
      )
    return parts
  },
})

/** Too many arguments for a spread. */
const extreme = (times: Float64Array, of: (left: number, right: number) => number): number =>
  times.reduce((left, right) => of(left, right), times[0] ?? NaN)
