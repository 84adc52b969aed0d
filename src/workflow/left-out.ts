/** What was read and not written. `events` written, and all events here, are the events read. */
export interface LeftOut {
  /** Events that the steps dropped. */
  readonly droppedEvents: number
  /** Sessions of fewer events than `minEvents`, and their events. */
  readonly shortSessions: number
  readonly shortEvents: number
  /** Sessions of which the slice left nothing. */
  readonly emptiedSessions: number
  /** Events that `maxEvents` or the slice cut off. */
  readonly cutEvents: number
}

/** What came to be grouped: sessions and events as the steps left them. */
export interface GroupedCounts extends Pick<LeftOut, 'shortSessions' | 'shortEvents'> {
  readonly sessions: number
  readonly events: number
}

export const leftOut = (
  eventsRead: number,
  { sessions, events, shortSessions, shortEvents }: GroupedCounts,
  written: { readonly sessions: number; readonly events: number },
): LeftOut => ({
  droppedEvents: eventsRead - events,
  shortSessions,
  shortEvents,
  emptiedSessions: sessions - shortSessions - written.sessions,
  cutEvents: events - shortEvents - written.events,
})
