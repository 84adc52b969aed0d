import { literal } from './sql.ts'

/** The SQL of the microseconds since 1970 UTC of a text that is spelled as a time; null where it is none. */
export const textMicros = (text: string): string => microsOf(text, zoned(text))

/** Microseconds since 1970 UTC of the first of the values that is a time. */
export function microsOf(...values: readonly string[]): string {
  const casts = values.map((value) => `TRY_CAST(${value} AS TIMESTAMPTZ)`)
  return `epoch_us(${casts.length === 1 ? casts[0]! : `coalesce(${casts.join(', ')})`})`
}

/**
 * A time whose zone the engine does not take as it is spelled: it wants seconds before a zone, and no space; without a zone it takes UTC.
 * The text is named once: what the engine finds twice it computes for all events, also behind a `coalesce` that hardly any of them reaches.
 */
function zoned(text: string): string {
  const seconds = `regexp_replace(${text}, ${literal('^(.{16})([ ZU+-]|$)')}, ${literal('\\1:00\\2')})`
  return `regexp_replace(${seconds}, ${literal('^(.{16,}?) ?(?:UTC|Z)?([+-][0-9:]*)?$')}, ${literal('\\1\\2')})`
}
