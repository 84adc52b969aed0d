import { route, type Route } from '../route.ts'
import type { NewEvent } from '../sessions/session-store.ts'

/** Bulk: some 10,000 events. */
const BULK_BYTES = 8 * 1024 * 1024
/** So many sessions are told of their events together: one after the other would take a turn of the network each. */
const AT_ONCE = 64

export const eventRoutes: readonly Route[] = [
  route({
    name: 'sendEvents',
    summary: 'Tells of events of live sessions, each taken once',
    listener: 'public',
    scope: 'write',
    bodyLimit: BULK_BYTES,
    handle: async ({ body }, { sessions, shop }) => {
      const bySession = new Map<string, NewEvent[]>()
      for (const { id, session, ...event } of body.events) {
        const events = bySession.get(session) ?? []
        bySession.set(session, events)
        events.push({ id, event })
      }
      let accepted = 0
      const all = [...bySession]
      for (let from = 0; from < all.length; from += AT_ONCE) {
        const some = all.slice(from, from + AT_ONCE)
        const counts = await Promise.all(some.map(([session, events]) => sessions.append(session, events)))
        accepted += counts.reduce((sum, count) => sum + count, 0)
      }
      // What is sent again counts again: popularity is of shares, and forgets.
      const at = shop.time()
      for (const { item } of body.events) shop.popularity.add(item, at)
      return { accepted, known: body.events.length - accepted }
    },
  }),
]
