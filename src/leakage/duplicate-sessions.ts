import { sessionLength, type Sessions } from '../data/sessions.ts'
import { chanceOf } from './by-chance.ts'
import { sessionKey } from './event-keys.ts'
import { counted, EXAMPLES, type LeakCheck, type LeakFinding } from './leakage-input.ts'

/** So many sessions of all that are looked at may be the same by chance. */
const BY_CHANCE = 1e-3
/** A smaller share of the part that is predicted changes no figure that anyone reads. */
const RARE = 1e-3

/** Sessions that are in two parts under different ids: the same items at the same times, in the same order. */
export const duplicateSessions: LeakCheck = ({ train, validation, test }) => [
  ...copies(train, validation, 'training and validation'),
  ...copies(train, test, 'training and test'),
  ...copies(validation, test, 'validation and test'),
]

function copies(one: Sessions, other: Sessions, where: string): readonly LeakFinding[] {
  if ((one.times === undefined) !== (other.times === undefined)) return []
  const keys = new Map<number, number>()
  for (let session = 0; session < one.count; session++)
    if (sessionLength(one, session) > 1) keys.set(sessionKey(one, session), session)
  let expected: ReturnType<typeof chanceOf> | undefined
  const found: string[] = []
  for (let session = 0; session < other.count; session++) {
    if (sessionLength(other, session) < 2) continue
    const same = keys.get(sessionKey(other, session))
    const id = other.ids[session]
    if (same === undefined || (id !== undefined && one.ids[same] === id)) continue
    expected ??= chanceOf(one)
    if (expected(session, other) < BY_CHANCE / other.count)
      found.push(id === undefined ? `session ${session}` : `${id} = ${one.ids[same] ?? `session ${same}`}`)
  }
  if (found.length === 0) return []
  return [
    {
      kind: 'duplicate-sessions',
      severity: found.length > RARE * other.count ? 'error' : 'warning',
      count: found.length,
      examples: found.slice(0, EXAMPLES),
      message: `${counted(found.length, 'session')} in ${where} under different ids: the same items ${one.times === undefined ? 'in the same order' : 'at the same times'}. Remove the copies from the log before it is divided.`,
    },
  ]
}
