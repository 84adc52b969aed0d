import { UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { ResolvedWorkflowOptions } from './workflow-options.ts'

/** One event online: raw values by column name. A number counts as the text that JavaScript prints for it. */
export type Event = Readonly<Record<string, string | number | boolean>>

export interface EncodedEvents {
  /** Item code of each event: [events]. */
  readonly items: Int32Array
  /** Codes of each categorical column, by name: [events] each. */
  readonly categorical: Readonly<Record<string, Int32Array>>
  /** The raw items that the vocabulary does not know, each once, in order of appearance. */
  readonly unknown: readonly string[]
}

/**
 * Encodes the events of one session, oldest first, to the codes that `transform` gives the same events in a file.
 *
 * A categorical value that is absent or empty is unknown, as in a file; other keys of an event are not looked at.
 * Throws `COLUMN_MISSING` for an event without an item, `COLUMN_INVALID` for a value that is no string or finite number.
 */
export function encodeEvents(
  events: readonly Event[],
  options: ResolvedWorkflowOptions,
  vocabularies: Readonly<Record<string, Vocabulary>>,
): EncodedEvents {
  const unknown = new Set<string>()
  const items = Int32Array.from(events, (event, index) => {
    const raw = rawValue(event, options.item, index)
    if (raw === '') {
      throw new EnsuiteError(
        'COLUMN_MISSING',
        `Event ${index} of ${events.length} (counted from 0) has no '${options.item}', the item; it has ` +
          `${Object.keys(event).join(', ') || 'no keys'}.`,
      )
    }
    const code = vocabularies[options.item]!.encode(raw)
    if (code === UNKNOWN) unknown.add(raw)
    return code
  })
  const column = (name: string): Int32Array =>
    Int32Array.from(events, (event, index) => vocabularies[name]!.encode(rawValue(event, name, index)))
  return {
    items,
    categorical: Object.fromEntries(options.categorical.map((name) => [name, column(name)])),
    unknown: [...unknown],
  }
}

function rawValue(event: Event, name: string, index: number): string {
  const value: unknown = Object.hasOwn(event, name) ? event[name] : undefined
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `'${name}' expects a string or a finite number, received ${typeof value === 'number' ? value : typeof value} (event ${index}, counted from 0).`,
  )
}
