import { toJson } from '../expressions/index.ts'
import type { Definition } from './definition.ts'

/** What the column of the times is called where no feature is the time itself. */
export const TIMES = 'event_time'

/** The list column of a file of sessions that says when their events were: a feature that is the time itself, else one of its own. Undefined where there is no time. */
export function timeColumn({ time, features }: Definition): string | undefined {
  if (time === undefined) return undefined
  const sought = JSON.stringify(toJson(time))
  return Object.keys(features).find((name) => JSON.stringify(toJson(features[name]!)) === sought) ?? TIMES
}
