import type { Database } from '../events/database.ts'
import type { StagedEvents } from './run-stages.ts'

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

/** What is known of the events once the steps are done: one pass over the numbers of their sessions. */
export async function countStaged(
  database: Database,
  { features: { from } }: StagedEvents,
  minEvents: number,
): Promise<StagedCounts> {
  const isShort = `FILTER (WHERE events < ${minEvents})`
  const [row] = await database.rows(
    `SELECT count(*) AS sessions, sum(events) AS events, count(*) ${isShort} AS short_sessions, coalesce(sum(events) ${isShort}, 0) AS short_events ` +
      `FROM (SELECT count(*) AS events FROM ${from} AS s GROUP BY session)`,
  )
  return {
    sessions: Number(row!['sessions']),
    events: Number(row!['events']),
    shortSessions: Number(row!['short_sessions']),
    shortEvents: Number(row!['short_events']),
  }
}

interface StagedCounts extends Pick<LeftOut, 'shortSessions' | 'shortEvents'> {
  readonly sessions: number
  readonly events: number
}

export const leftOut = (
  eventsRead: number,
  { sessions, events, shortSessions, shortEvents }: StagedCounts,
  written: { readonly sessions: number; readonly events: number },
): LeftOut => ({
  droppedEvents: eventsRead - events,
  shortSessions,
  shortEvents,
  emptiedSessions: sessions - shortSessions - written.sessions,
  cutEvents: events - shortEvents - written.events,
})
