const DATE = '[0-9]{4}-[0-9]{2}-[0-9]{2}'
const HOUR = '(?:[01][0-9]|2[0-3])'
const SIXTY = '[0-5][0-9]'

/**
 * How a date or timestamp is spelled, in files as online: ISO 8601, a `T` or a space between, up to microseconds, from year 0000 to 9999.
 * After a time of day there may be a zone, with a space before it or none: `Z`, `UTC`, `+05`, `+0530` or `+05:30`; without one it is UTC.
 */
export const timePattern = `^(${DATE})(?:[T ](${HOUR}:${SIXTY}(?::${SIXTY}(?:[.][0-9]{1,6})?)?)(?: ?(Z|UTC|[+-]${HOUR}(?::?${SIXTY})?))?)?$`

const PATTERN = new RegExp(timePattern)

/** Milliseconds since 1970-01-01 UTC of a text that `timePattern` matches and whose date exists, else null. */
export function timeOf(text: string): number | null {
  const found = PATTERN.exec(text)
  if (found === null) return null
  const [, date, clock = '00:00', zone = 'Z'] = found
  const [year, month, day] = date!.split('-').map(Number) as [number, number, number]
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month - 1, day)
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null
  const [hour, minute, second = '0'] = clock.split(':') as [string, string, string?]
  const [whole, fraction = ''] = second.split('.') as [string, string?]
  const micros = Number(fraction.padEnd(6, '0'))
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(whole)
  const floor = midnight.getTime() + seconds * 1000 - offset(zone) + Math.floor(micros / 1000)
  const above = micros % 1000
  // Whole milliseconds are exact in every year, microseconds have their sign: one addition, which rounds as in SQL.
  return floor < 0 && above > 0 ? floor + 1 + (above - 1000) / 1000 : floor + above / 1000
}

function offset(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0
  const digits = zone.replaceAll(/[^0-9]/g, '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000
}
