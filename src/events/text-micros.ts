import { literal } from './sql.ts'

/** The SQL of the microseconds since 1970 UTC of a text that is spelled as a time; null where it is none. */
export const textMicros = (text: string): string => microsOf(text, zoned(text))

/** Microseconds since 1970 UTC of the first of the values that is a time. */
export function microsOf(...values: readonly string[]): string {
  const casts = values.map((value) => `TRY_CAST(${value} AS TIMESTAMPTZ)`)
  return `epoch_us(${casts.length === 1 ? casts[0]! : `coalesce(${casts.join(', ')})`})`
}

/** A time whose zone the engine does not take as it is spelled: it wants seconds before a zone, and no space. */
function zoned(text: string): string {
  const rest = `substr(${text}, 17)`
  const part = (pattern: string, otherwise: string): string =>
    `coalesce(nullif(regexp_extract(${rest}, ${literal(pattern)}), ''), ${literal(otherwise)})`
  return `left(${text}, 16) || ${part('^:[0-9.]+', ':00')} || ${part('[+-].*$', 'Z')}`
}
