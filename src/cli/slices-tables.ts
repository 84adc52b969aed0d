import type { RankingResult } from '../evaluate/index.ts'
import { table } from './output.ts'

/** Rows that a table has at most: a feature may have thousands of values. */
const MOST = 20
/** With fewer sessions a mean says nearly nothing. */
const FEW = 30

/** A table a slicing: its groups, how many sessions each has, and some metrics with their standard errors. */
export function slicesTables({ slices = {} }: RankingResult, metrics: readonly string[]): readonly string[] {
  return Object.entries(slices).map(([slicing, groups]) => {
    // The largest, in the order of the slicing.
    const least = groups.map(({ sessions }) => sessions).sort((left, right) => right - left)[MOST - 1] ?? 0
    const shown = groups.filter(({ sessions }) => sessions >= least).slice(0, MOST)
    const rows = shown.map(({ name, sessions, metrics: means, standardErrors }) => [
      name,
      `${sessions}${sessions < FEW ? ' (few)' : ''}`,
      ...metrics.map((metric) => {
        const own = metric as `${string}@${number}`
        const error = standardErrors[own]
        return `${means[own]!.toFixed(4)}${error === undefined ? '' : ` ± ${error.toFixed(4)}`}`
      }),
    ])
    const left = groups.length - shown.length
    return `${table([slicing, 'sessions', ...metrics], rows)}${left > 0 ? `\n${left} more with fewer sessions: --json has all.` : ''}`
  })
}
