import { route, type Route } from '../route.ts'
import type { NewEvent } from '../sessions/session-store.ts'

/** Bulk: some 10,000 events. */
const BULK_BYTES = 8 * 1024 * 1024

export const eventRoutes: readonly Route[] = [
  route({
    name: 'sendEvents',
    summary: 'Tells of events of live sessions, each taken once',
    listener: 'public',
    scope: 'write',
    bodyLimit: BULK_BYTES,
    handle: async ({ body }, { sessions }) => {
      const bySession = new Map<string, NewEvent[]>()
      for (const { id, session, ...event } of body.events) {
        const events = bySession.get(session) ?? []
        bySession.set(session, events)
        events.push({ id, event })
      }
      let accepted = 0
      for (const [session, events] of bySession) accepted += await sessions.append(session, events)
      return { accepted, known: body.events.length - accepted }
    },
  }),
]
