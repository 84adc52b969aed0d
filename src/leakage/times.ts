import { counted, type LeakCheck, type LeakFinding } from './leakage-input.ts'

const DAY = 86_400_000
/** 1985 to 2100 in seconds since 1970: in milliseconds, the first weeks of that year. */
const [SECONDS_FROM, SECONDS_UNTIL] = [5e8, 4.1e9]
/** The year 5138 in milliseconds: microseconds or nanoseconds of our time. */
const FINER_FROM = 1e14

/** Times that say nothing, are in another unit than milliseconds, or have not come yet: a split by time, or a period, then means something else. */
export const times: LeakCheck = ({ train, validation, test, now }) => {
  let [first, last, events, later] = [Infinity, -Infinity, 0, 0]
  for (const part of [train, validation, test])
    for (const time of part.times ?? []) {
      events++
      if (time < first) first = time
      if (time > last) last = time
      if (now !== undefined && time > now + DAY) later++
    }
  if (events < 2) return []
  if (first === last)
    return [
      finding('constant-times', 'warning', {
        count: events,
        message: `All ${events} events are at the same time: nothing says what came first. Name another time column, or none: then the order of the file counts.`,
      }),
    ]
  const unit = first > SECONDS_FROM && last < SECONDS_UNTIL ? 'seconds' : undefined
  const finer = first > FINER_FROM ? 'microseconds or nanoseconds' : undefined
  const other = unit ?? finer
  if (other !== undefined)
    return [
      finding('time-unit', 'error', {
        count: events,
        message: `Times from ${first} to ${last} look like ${other}, and are read as milliseconds since 1970. ${
          unit ? "Say so in the workflow: column('ts', 'seconds')." : 'Divide them in the log.'
        }`,
      }),
    ]
  if (later === 0) return []
  return [
    finding('future-times', 'error', {
      count: later,
      message: `${counted(later, 'event')} more than a day in the future, the last at ${new Date(Math.min(last, 8.64e15)).toISOString()}. Look at the clock or the unit of what wrote them; a split by time tests on them.`,
    }),
  ]
}

const finding = (
  kind: string,
  severity: LeakFinding['severity'],
  said: Pick<LeakFinding, 'count' | 'message'>,
): LeakFinding => ({ kind, severity, examples: [], ...said })
