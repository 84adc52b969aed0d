import { eventBytes, SESSION, textBytes } from './event-bytes.ts'
import type { NewEvent, SessionBounds, SessionStore } from './session-store.ts'

export interface MemoryOptions extends SessionBounds {
  /** Sessions kept at most: the one that was longest without an event goes first. */
  readonly sessions: number
  /** Bytes of all sessions together at most, as they are counted (`event-bytes.ts`); the same one goes first, and of the last one its oldest events. */
  readonly bytes: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

interface Kept {
  readonly events: NewEvent[]
  readonly bytes: number
  readonly expires: number
}

/** Sessions in the memory of this process, gone when it ends. */
export function memorySessions({
  sessions,
  bytes: mostBytes,
  events: most,
  ttlMs,
  now,
}: MemoryOptions): SessionStore {
  // A map keeps the order in which keys were set: the oldest event's session is always the first.
  const kept = new Map<string, Kept>()
  let total = 0
  const alive = (session: string): Kept | undefined => {
    const found = kept.get(session)
    return found !== undefined && found.expires > now() ? found : undefined
  }
  const forget = (session: string): void => {
    total -= kept.get(session)?.bytes ?? 0
    kept.delete(session)
  }
  const oldest = oldestOf(kept)
  /** Two a call at most, so that none pays for all, and more go than come. */
  const forgetExpired = (): void => {
    for (let count = 0; count < 2; count++) {
      const session = oldest()
      if (session !== undefined && kept.get(session)!.expires <= now()) forget(session)
    }
  }
  const keep = (session: string, events: NewEvent[], bytes: number): void => {
    let left = bytes
    const own = SESSION + textBytes(session)
    // The newest one always stays.
    while (events.length > most || (own + left > mostBytes && events.length > 1))
      left -= eventBytes(events.shift()!)
    kept.set(session, { events, bytes: own + left, expires: now() + ttlMs })
    total += own + left
    while (kept.size > 1 && (kept.size > sessions || total > mostBytes)) forget(oldest()!)
  }
  return {
    kind: 'memory',
    append: (session, added) => {
      forgetExpired()
      const before = alive(session)
      const events = before?.events ?? []
      let bytes = before === undefined ? 0 : before.bytes - SESSION - textBytes(session)
      const known = new Set(events.map(({ id }) => id))
      const taken: number[] = []
      for (const [place, each] of added.entries()) {
        if (known.has(each.id)) continue
        known.add(each.id)
        taken.push(place)
        events.push(each)
        bytes += eventBytes(each)
      }
      forget(session)
      keep(session, events, bytes)
      return Promise.resolve(taken)
    },
    read: (session) => Promise.resolve(alive(session)?.events.map(({ event }) => event) ?? []),
    remove: (session) => {
      const there = alive(session) !== undefined
      forget(session)
      return Promise.resolve(there)
    },
    held: () => ({ sessions: kept.size, bytes: total }),
    ready: () => Promise.resolve(true),
    close: () => {
      kept.clear()
      total = 0
      return Promise.resolve()
    },
  }
}

/**
 * The key that was set longest ago; whoever sets one again deletes it before. A new iterator would walk over all that was deleted at the front, up to as much as there is: this one goes on where it was.
 */
function oldestOf<Key, Value>(map: ReadonlyMap<Key, Value>): () => Key | undefined {
  let entries = map.entries()
  let found: readonly [key: Key, value: Value] | undefined
  return () => {
    // Another value: the key was deleted since, and perhaps set again behind the others.
    while (found === undefined || map.get(found[0]) !== found[1]) {
      if (map.size === 0) return (found = undefined)
      const next = entries.next()
      // One that has come to the end stays there.
      if (next.done === true) entries = map.entries()
      else found = next.value
    }
    return found[0]
  }
}
