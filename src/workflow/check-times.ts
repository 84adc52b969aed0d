import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import type { Definition } from './definition.ts'

/** As milliseconds 1970-01-07 and 1970-04-26, as seconds 1989 and 2286. */
const [SECONDS_FROM, SECONDS_UNTIL] = [6e8, 1e10]
const YEAR_1980 = 315_532_800_000
const YEAR_10000 = 253_402_300_800_000

/**
 * Refuses times in another unit than the workflow says: pauses, hours and windows would be silently wrong. `at`: the place of the column of times.
 * Throws `COLUMN_INVALID`.
 */
export async function checkTimes(database: Database, { time }: Definition, at = 1): Promise<void> {
  if (time === undefined) return
  const [first, last] = await database.columns(`SELECT min(c${at}), max(c${at}) FROM events`)
  checkUnit(time, first![0]!, last![0]!)
}

/** The same of the times of a live session, in milliseconds. */
export function checkLiveTimes(times: readonly unknown[], { time }: Definition): void {
  const numbers = times.filter((each) => typeof each === 'number')
  if (numbers.length > 0) checkUnit(time!, Math.min(...numbers), Math.max(...numbers))
}

/** `from`, `until`: what the first and the last time are as milliseconds, if they are what the workflow says. */
function checkUnit({ options }: NonNullable<Definition['time']>, from: number, until: number): void {
  const name = options['name'] as string
  const refused = (message: string): EnsuiteError =>
    new EnsuiteError('COLUMN_INVALID', `'${name}': ${message}`)
  const unit = options['type'] === 'seconds' ? 1000 : 1
  const [first, last] = [datePattern(from / unit), datePattern(until / unit)]
  if (first !== undefined && first === last)
    throw refused(
      `the times are numbers from ${from / unit} to ${until / unit}, which look like dates written as ${first}; as ${unit === 1 ? 'milli' : ''}seconds since 1970 they would be other days. Write them as ISO dates: 2024-03-01, 2024-03-01T10:30:00.`,
    )
  if (options['type'] === 'seconds') {
    if (from <= YEAR_10000) return
    throw refused(
      `the times are numbers from ${from / 1000} on, which as seconds lie behind the year 9999: they look like milliseconds. Write time: '${name}' in the workflow, or give seconds.`,
    )
  }
  if (until > YEAR_10000)
    throw refused(
      `the times are numbers up to ${until}, which as milliseconds lie behind the year 9999: they look like microseconds or nanoseconds. Give milliseconds.`,
    )
  if (from < SECONDS_FROM || from > SECONDS_UNTIL) return
  const advice = `Write time: column('${name}', 'seconds') in the workflow, or give milliseconds`
  if (until <= SECONDS_UNTIL)
    throw refused(
      `the times are numbers from ${from} on, which as milliseconds are days of 1970: they look like seconds. ${advice}.`,
    )
  if (until >= YEAR_1980)
    throw refused(
      `the times are numbers from ${from}, which as milliseconds is a day of 1970, to ${until}: some look like seconds and some like milliseconds. Write all of them in one unit.`,
    )
}

/** Year, month, day, and perhaps hour, minute and second, all two digits but the year. */
const WRITTEN =
  /^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){0,2})?$/

/** How a number is written that is no time but a date: 20240301 as `YYYYMMDD`. */
const datePattern = (number: number): string | undefined =>
  WRITTEN.test(String(number)) ? 'YYYYMMDDHHMMSS'.slice(0, String(number).length) : undefined
