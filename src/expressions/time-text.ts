/** How a date or timestamp is spelled, in files as online: ISO 8601, a `T` or a space between, up to microseconds; without a zone it is UTC. */
export const timePattern = String.raw`^([0-9]{4})-([0-9]{2})-([0-9]{2})([T ]([0-9]{2}):([0-9]{2})(:([0-9]{2})(\.[0-9]{1,6})?)?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?$`

const PATTERN = new RegExp(timePattern)

/** Milliseconds since 1970-01-01 UTC of a text that `timePattern` matches and whose date exists, else null. */
export function timeOf(text: string): number | null {
  const found = PATTERN.exec(text)
  if (found === null) return null
  const [, year, month, day, , hour = '0', minute = '0', , second = '0', fraction = '', zone = 'Z'] = found
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as number[]
  const date = new Date(Date.UTC(y!, mo! - 1, d))
  date.setUTCFullYear(y!)
  const exists = date.getUTCMonth() === mo! - 1 && date.getUTCDate() === d && h! < 24 && mi! < 60 && s! < 60
  if (!exists) return null
  const micros = fraction === '' ? 0 : Number(fraction.slice(1).padEnd(6, '0'))
  return date.getTime() + ((h! * 60 + mi!) * 60 + s!) * 1000 - offset(zone) + micros / 1000
}

function offset(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0
  const digits = zone.replaceAll(/[^0-9]/g, '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000
}
