export type { EventColumns, EventFormat, EventSource } from './event-source.ts'
export { groupEvents } from './group-events.ts'
export type { RawColumn, RawSessions } from './raw-sessions.ts'
export { readSessions } from './read-sessions.ts'
