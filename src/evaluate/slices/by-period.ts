import { timesOf } from '../../data/sessions.ts'
import { EnsuiteError } from '../../errors.ts'
import type { SliceContext, Slicing } from './slicing.ts'

const DAY = 86_400_000

/** How a time, in milliseconds since 1970, is named by its period, in UTC. */
const periods = {
  hour: (time) => `${iso(time).slice(0, 13)}:00`,
  day: (time) => iso(time).slice(0, 10),
  /** By its Monday: 1970-01-01 was a Thursday. */
  week: (time) => iso(time - ((((Math.floor(time / DAY) + 3) % 7) + 7) % 7) * DAY).slice(0, 10),
  month: (time) => iso(time).slice(0, 7),
} as const satisfies Readonly<Record<string, (time: number) => string>>

export type SlicePeriod = keyof typeof periods

/** By the time of the target. Throws `OPTION_INVALID` for sessions without times, and for times that are no milliseconds since 1970. */
export const byPeriod =
  (period: SlicePeriod) =>
  ({ sessions }: SliceContext): Slicing => {
    const times = timesOf(sessions, `The slicing '${period}'`)
    return { of: (session) => periods[period](times[sessions.offsets[session + 1]! - 1]!) }
  }

function iso(time: number): string {
  const date = new Date(time)
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  throw new EnsuiteError(
    'OPTION_INVALID',
    `Slices by time expect milliseconds since 1970, received ${time}. Say the unit of the time column in the workflow: column('ts', 'seconds').`,
  )
}
