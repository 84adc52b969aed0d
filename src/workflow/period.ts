import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { duckdb } from '../expressions/index.ts'
import type { Definition } from './definition.ts'

export interface Period {
  readonly from?: number
  readonly until?: number
}

/** The events of a period, as a condition; what they know of events before it stays. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function inPeriod({ time }: Definition, period: Period): string | undefined {
  checkOptions('period', period, ['from', 'until'])
  const { from, until } = period
  if (from === undefined && until === undefined) return undefined
  if (time === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'A period needs times: name the column with time in the workflow.',
    )
  if (from !== undefined) checkNumber('period: from', from, {})
  if (until !== undefined) checkNumber('period: until', until, from === undefined ? {} : { above: from })
  return [
    ...(from === undefined ? [] : [`time >= ${duckdb.literal(from)}`]),
    ...(until === undefined ? [] : [`time < ${duckdb.literal(until)}`]),
  ].join(' AND ')
}

/** A period in a message. */
export function shownPeriod({ from, until }: Period): string {
  const date = (time: number): string =>
    Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time)
  return [
    ...(from === undefined ? [] : [`from ${date(from)}`]),
    ...(until === undefined ? [] : [`until ${date(until)}`]),
  ].join(' ')
}
