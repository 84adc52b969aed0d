/** An event of a session as it is kept: its item, and the other values by column. */
export interface StoredEvent {
  readonly item: string
  readonly values?: Readonly<Record<string, string | number | boolean | null>>
}

/** An event with the id by which it is taken once. */
export interface NewEvent {
  readonly id: string
  readonly event: StoredEvent
}

/**
 * Keeps the latest events of live sessions, each session for a time after its last event. Whatever implements it passes the contract of
 * `session-store.test-support.ts`. Calls reject with `SESSIONS_UNAVAILABLE` where the store does not answer.
 */
export interface SessionStore {
  readonly kind: string
  /** Adds those events whose id is not among the kept ones of the session, in their order; gives their places among `events`. */
  append(session: string, events: readonly NewEvent[]): Promise<readonly number[]>
  /** The kept events, oldest first; none where there is no such session. */
  read(session: string): Promise<readonly StoredEvent[]>
  /** Forgets a session; false where there was none. */
  remove(session: string): Promise<boolean>
  /** What it holds in this process, as it counts it; none where it is elsewhere. */
  held?(): { readonly sessions: number; readonly bytes: number }
  /** Whether it answers now. */
  ready(): Promise<boolean>
  close(): Promise<void>
}

export interface SessionBounds {
  /** Events kept of a session: more than a model reads, so that what was seen is known for longer. */
  readonly events: number
  /** A session is forgotten so long after its last event. */
  readonly ttlMs: number
}
