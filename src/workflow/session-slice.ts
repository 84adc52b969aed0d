import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'

/** Which events of each session are kept, as Python's `[start:end]`: from 0, negative ones from the end, the event at `end` not among them. */
export interface SessionSlice {
  /** Default: the first event. */
  readonly start?: number
  /** Default: behind the last event. */
  readonly end?: number
}

const whole = {
  integer: true,
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
} as const

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID`, also for a slice that keeps nothing of any session. */
export function checkSlice(slice: SessionSlice): void {
  checkOptions('prepare: slice', slice, ['start', 'end'])
  const { start = 0, end } = slice
  checkNumber('slice: start', start, whole)
  if (end === undefined) return
  checkNumber('slice: end', end, whole)
  const sameSide = start < 0 === end < 0
  if (end !== 0 && (!sameSide || start < end)) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `prepare: slice from ${start} to ${end} keeps no event of any session. Give an end behind the start, or leave it out.`,
  )
}

/** Whether it leaves something of every session. */
export const keepsAny = ({ start = 0, end }: SessionSlice): boolean => start <= 0 && end === undefined

/** The SQL of the part of a list, whose places SQL counts from 1, the last one among them. */
export function sliceSql(list: string, { start = 0, end }: SessionSlice): string {
  const first = start < 0 ? start : start + 1
  const last = end === undefined ? '' : end < 0 ? end - 1 : end
  return `${list}[${first}:${last}]`
}
