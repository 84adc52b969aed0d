import { knownEvents } from './known-events.ts'
import { sessionLength, sessionsWhere, type Sessions } from './sessions.ts'

/** How many sessions are measured when a model or a baseline is evaluated on these: those with a known event before the last one. */
export function measuredCount(sessions: Sessions): number {
  const known = knownEvents(sessions, { keepTargets: true })
  return sessionsWhere(known, (index) => sessionLength(known, index) >= 2).length
}
