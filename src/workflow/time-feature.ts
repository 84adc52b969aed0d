import { toJson } from '../expressions/index.ts'
import type { Definition } from './definition.ts'

/** The feature that is the time of the event itself: files that hold it know when their events were. Undefined where there is none. */
export function timeFeature({ time, features }: Definition): string | undefined {
  if (time === undefined) return undefined
  const sought = JSON.stringify(toJson(time))
  return Object.keys(features).find((name) => JSON.stringify(toJson(features[name]!)) === sought)
}
