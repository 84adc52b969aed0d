import { isSource, type SessionSource } from '../workflow/session-source.ts'
import type { Sessions } from '../workflow/sessions.ts'

/** When sessions begin: the first and the last of them to do so, in the unit of their times. A session may well end in the next window. */
export interface Starts {
  readonly first: number
  readonly last: number
}

/** Of the sessions of a window; what has no times, or no session, or is read in pieces has none. */
export interface WindowStarts {
  readonly train?: Starts
  readonly test?: Starts
}

export function windowStarts(sessions: {
  readonly train: Sessions | SessionSource
  readonly test: Sessions
}): WindowStarts {
  const train = isSource(sessions.train) ? undefined : startsOf(sessions.train)
  const test = startsOf(sessions.test)
  return { ...(train && { train }), ...(test && { test }) }
}

function startsOf({ count, offsets, times }: Sessions): Starts | undefined {
  if (times === undefined) return undefined
  let [first, last] = [Infinity, -Infinity]
  for (let session = 0; session < count; session++) {
    const from = offsets[session]!
    if (from === offsets[session + 1]!) continue
    first = Math.min(first, times[from]!)
    last = Math.max(last, times[from]!)
  }
  return first <= last ? { first, last } : undefined
}
