import type { TimeWindow, WindowStarts } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'

/** Hears of windows in their order. */
export interface WindowOrder {
  /** Throws `OPTION_INVALID` where all sessions of a window begin before those that a window before it trains on. */
  add(window: Pick<TimeWindow, 'name'>, starts: WindowStarts): void
}

export function windowOrder(): WindowOrder {
  let latest: { readonly name: string; readonly first: number } | undefined
  return {
    add: ({ name }, { train, test }) => {
      for (const [what, starts] of Object.entries({ test, train }))
        if (latest !== undefined && starts !== undefined && latest.first > starts.last)
          throw new EnsuiteError(
            'OPTION_INVALID',
            `fitAndEvaluate: the windows go backwards in time: '${latest.name}' trains on sessions that begin at ${latest.first} or later, and those that '${name}' ${what === 'test' ? 'tests' : 'trains'} on begin at ${starts.last} or before. Give the windows in the order of time.`,
          )
      const first = (train ?? test)?.first
      if (first !== undefined && (latest === undefined || first > latest.first)) latest = { name, first }
    },
  }
}
