import { EnsuiteError } from '../errors.ts'
import { isText, numberOf, shown, timeOf, type Value } from '../expressions/index.ts'

/** One event online: raw values by column name. A number counts as the text that JavaScript prints for it; a date is a time. */
export type Event = Readonly<Record<string, string | number | boolean | Date>>

/**
 * The values of a column of events, or of those at some `places`, by the name and type it is read as.
 * Throws `COLUMN_INVALID` for what a file would be refused for.
 */
export const columnOf =
  (events: readonly Event[], places: readonly number[] = [...events.keys()]) =>
  (name: string, type: string): readonly Value[] =>
    places.map((index) => {
      const event = events[index]!
      if (typeof event !== 'object' || (event as unknown) === null)
        throw new EnsuiteError(
          'COLUMN_INVALID',
          `Event ${index} (counted from 0) is ${shown(event)}; an object with a value a column is expected.`,
        )
      return readValue(Object.hasOwn(event, name) ? event[name] : undefined, { name, type, index })
    })

/** Throws `COLUMN_INVALID` where a value of an event cannot be read as a column is. */
export function checkValues(
  event: Event,
  columns: readonly { readonly name: string; readonly type: string }[],
): void {
  for (const { name, type } of columns)
    readValue(Object.hasOwn(event, name) ? event[name] : undefined, { name, type })
}

/** A raw value as a file's column of the same type is read. Throws `COLUMN_INVALID` for what a file would be refused for. */
function readValue(
  raw: unknown,
  { name, type, index }: { readonly name: string; readonly type: string; readonly index?: number },
): Value {
  if (raw === undefined || raw === null || raw === '') return null
  if (type === 'text' && typeof raw === 'number' && Number.isInteger(raw) && !Number.isSafeInteger(raw))
    throw new EnsuiteError(
      'COLUMN_INVALID',
      `'${name}' is the number ${raw}${placeOf(index)}: JavaScript does not hold all digits of whole numbers above 2⁵³, so this may be another one. Write it as text.`,
    )
  const value = read(raw, type)
  if (value !== null) return value
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `'${name}' expects a ${type === 'seconds' ? 'number of seconds' : type}, received ${raw instanceof Date ? shownDate(raw, type) : typeof raw === 'number' ? String(raw) : shown(raw)}${placeOf(index)}. Correct it, or leave the field out.`,
  )
}

const placeOf = (index: number | undefined): string =>
  index === undefined ? '' : ` (event ${index}, counted from 0)`

const shownDate = (date: Date, type: string): string =>
  Number.isNaN(date.getTime())
    ? 'an invalid Date'
    : `the Date ${date.toISOString()}${isTime(type) ? '' : ', which is good for times alone: write it as ISO text or as milliseconds'}`

const isTime = (type: string): boolean => type === 'time' || type === 'seconds'

/** The last instant of JavaScript's dates; a file's times end there, too. */
const LAST_TIME = 8.64e15

function read(raw: unknown, type: string): Value {
  if (typeof raw === 'number' && !Number.isFinite(raw)) return null
  // Of an invalid date the time is NaN.
  if (raw instanceof Date) return isTime(type) && Number.isFinite(raw.getTime()) ? raw.getTime() : null
  const text =
    typeof raw === 'string' ? raw : typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : null
  if (text === null || type === 'text') return text !== null && isText(text) ? text : null
  if (type === 'boolean') {
    const word = text.toLowerCase()
    return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : null
  }
  const number = numberOf(text)
  if (!isTime(type)) return number
  if (number === null) return timeOf(text)
  const time = type === 'seconds' ? number * 1000 : number
  return Math.abs(time) <= LAST_TIME ? time + 0 : null
}
