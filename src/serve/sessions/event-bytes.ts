import type { NewEvent } from './session-store.ts'

/** What an event, a value of one and a session take besides their texts: objects, entries of maps, texts' own heads. Rather too much than too little. */
const EVENT = 240
const VALUE = 100
export const SESSION = 360

/** What a text takes: a byte a letter, or two where one of its letters needs two. */
export const textBytes = (text: string): number =>
  Buffer.byteLength(text) === text.length ? text.length : 2 * text.length

/** About how many bytes of memory an event takes. */
export function eventBytes({ id, event: { item, values = {} } }: NewEvent): number {
  let bytes = EVENT + textBytes(id) + textBytes(item)
  for (const [column, value] of Object.entries(values))
    bytes += VALUE + textBytes(column) + (typeof value === 'string' ? textBytes(value) : 0)
  return bytes
}
