import { EnsuiteError } from '../../errors.ts'
import { isUnreadable, toKeep } from '../kept-events.ts'
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
    handle: async ({ body }, { models, sessions, shop }) => {
      const arrived = shop.time()
      const bySession = new Map<string, NewEvent[]>()
      for (const [place, { id, session, ...event }] of body.events.entries()) {
        const events = bySession.get(session) ?? []
        bySession.set(session, events)
        events.push(
          checked(place, () => toKeep({ id, event }, models.chosen(session).current.recommender, arrived)),
        )
      }
      let accepted = 0
      const all = [...bySession]
      for (let from = 0; from < all.length; from += AT_ONCE) {
        const some = all.slice(from, from + AT_ONCE)
        const taken = await Promise.all(some.map(([session, events]) => sessions.append(session, events)))
        for (const [at, places] of taken.entries()) {
          accepted += places.length
          const [, events] = some[at]!
          for (const place of places) shop.popularity.add(events[place]!.event.item, arrived)
        }
      }
      return { accepted, known: body.events.length - accepted }
    },
  }),
]

/** Says which event it is that cannot be kept; none of the request is taken then. */
function checked(place: number, keep: () => NewEvent): NewEvent {
  try {
    return keep()
  } catch (error) {
    if (!isUnreadable(error)) throw error
    throw new EnsuiteError(
      error.code,
      `events[${place}]: ${error.message} No event of this request was taken.`,
    )
  }
}
