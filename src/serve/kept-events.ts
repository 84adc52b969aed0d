import { EnsuiteError } from '../errors.ts'
import type { Recommender } from '../recommend/index.ts'
import { eventFor } from './recommend-for.ts'
import type { NewEvent, StoredEvent } from './sessions/session-store.ts'

type Reader = Pick<Recommender, 'itemColumn' | 'timeColumn' | 'checkEvent'>

/**
 * An event as it is kept for a model: one that tells no time has happened when it came, so that a session never has events with times and others without.
 * Throws `COLUMN_INVALID` for a value that the model cannot read, and `COLUMN_MISSING` for one under another spelling of a column: kept, it would make its session unanswerable.
 */
export function toKeep({ id, event }: NewEvent, reader: Reader, arrived: number): NewEvent {
  reader.checkEvent(eventFor(event, reader.itemColumn))
  const { timeColumn } = reader
  if (timeColumn === undefined || tellsTime(event, timeColumn)) return { id, event }
  const values = { ...event.values, [timeColumn]: new Date(arrived).toISOString() }
  return { id, event: { ...event, values } }
}

/**
 * Kept events as a model can read them. They were readable when they came, but perhaps for another model: what this one cannot read counts as missing, an event whose item it
 * cannot read is left out, and where some tell no time none does.
 */
export function readableEvents(events: readonly StoredEvent[], reader: Reader): readonly StoredEvent[] {
  const read = events.flatMap((event) => {
    if (isReadable(event, reader)) return [event]
    if (!isReadable({ item: event.item }, reader)) return []
    const kept = Object.entries(event.values ?? {}).filter(([column, value]) =>
      isReadable({ item: event.item, values: { [column]: value } }, reader),
    )
    return [{ item: event.item, values: Object.fromEntries(kept) }]
  })
  const { timeColumn } = reader
  if (timeColumn === undefined) return read
  const timed = read.filter((event) => tellsTime(event, timeColumn)).length
  if (timed === 0 || timed === read.length) return read
  return read.map((event) => ({ ...event, values: { ...event.values, [timeColumn]: null } }))
}

/** An empty text is a missing value, as in a file. */
const tellsTime = ({ values = {} }: StoredEvent, column: string): boolean =>
  Object.hasOwn(values, column) && values[column] !== null && values[column] !== ''

/** Whether this is what `checkEvent` says of an event; what stands under another spelling of a name is missing. */
export const isUnreadable = (error: unknown): error is EnsuiteError =>
  error instanceof EnsuiteError && ['COLUMN_INVALID', 'COLUMN_MISSING'].includes(error.code)

function isReadable(event: StoredEvent, reader: Reader): boolean {
  try {
    reader.checkEvent(eventFor(event, reader.itemColumn))
    return true
  } catch (error) {
    if (isUnreadable(error)) return false
    throw error
  }
}
