import type { NewEvent, SessionBounds, SessionStore } from './session-store.ts'

export interface MemoryOptions extends SessionBounds {
  /** Sessions kept at most: the one that was longest without an event goes first. */
  readonly sessions: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

interface Kept {
  readonly events: NewEvent[]
  expires: number
}

/** Sessions in the memory of this process, gone when it ends. */
export function memorySessions({ sessions, events: most, ttlMs, now }: MemoryOptions): SessionStore {
  // A map keeps the order in which keys were set: the oldest event's session is always the first.
  const kept = new Map<string, Kept>()
  const alive = (session: string): Kept | undefined => {
    const found = kept.get(session)
    return found !== undefined && found.expires > now() ? found : undefined
  }
  /** Two a call at most, so that none pays for all, and more go than come. */
  const forgetExpired = (): void => {
    for (const [session, { expires }] of [...first(kept, 2)]) if (expires <= now()) kept.delete(session)
  }
  return {
    kind: 'memory',
    append: (session, added) => {
      forgetExpired()
      const events = alive(session)?.events ?? []
      const known = new Set(events.map(({ id }) => id))
      const before = known.size
      for (const each of added) {
        if (known.has(each.id)) continue
        known.add(each.id)
        events.push(each)
      }
      const taken = known.size - before
      if (events.length > most) events.splice(0, events.length - most)
      kept.delete(session)
      kept.set(session, { events, expires: now() + ttlMs })
      if (kept.size > sessions) kept.delete(kept.keys().next().value!)
      return Promise.resolve(taken)
    },
    read: (session) => Promise.resolve(alive(session)?.events.map(({ event }) => event) ?? []),
    remove: (session) => {
      const there = alive(session) !== undefined
      kept.delete(session)
      return Promise.resolve(there)
    },
    ready: () => Promise.resolve(true),
    close: () => {
      kept.clear()
      return Promise.resolve()
    },
  }
}

function* first<Key, Value>(map: ReadonlyMap<Key, Value>, count: number): Generator<readonly [Key, Value]> {
  let left = count
  for (const entry of map) {
    if (left-- === 0) return
    yield entry
  }
}
