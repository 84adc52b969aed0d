import { RESERVED, UNKNOWN } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { beyondMetrics, firstOf, type ItemFacts, type RecommendedLists } from '../metrics/beyond/index.ts'
import type { MetricName } from '../metrics/index.ts'
import type { SessionRanks } from './rank-sessions.ts'

export interface BeyondValues {
  /** A value a ranked session of each metric that has one. */
  readonly values: Readonly<Record<MetricName, Float64Array>>
  /** Metrics of all sessions together. */
  readonly figures: Readonly<Record<MetricName, number>>
}

/** What the lists that were recommended are beyond right or wrong, at each cutoff. `sessions`: those that were ranked, their last events the targets. */
export function measureBeyond(
  sessions: Sessions,
  { sessionIndices, lists }: Required<Pick<SessionRanks, 'sessionIndices' | 'lists'>>,
  { ks, facts }: { readonly ks: readonly number[]; readonly facts: ItemFacts },
): BeyondValues {
  const { items, offsets } = sessions
  const recommended: RecommendedLists = {
    sessions: sessionIndices.length,
    ...lists,
    targets: sessionIndices.map((index) => {
      const target = items[offsets[index + 1]! - 1]!
      return target === UNKNOWN ? -1 : target - RESERVED
    }),
    historyOf: (session) => {
      const index = sessionIndices[session]!
      return items.subarray(offsets[index], offsets[index + 1]! - 1).map((code) => code - RESERVED)
    },
  }
  const values: Record<MetricName, Float64Array> = {}
  const figures: Record<MetricName, number> = {}
  for (const k of ks)
    for (const make of beyondMetrics) {
      const metric = make(k, facts)
      if (metric?.level === 'session')
        values[metric.name] = Float64Array.from(sessionIndices, (_, session) =>
          metric.of(firstOf(recommended, session, k), recommended.targets[session]!),
        )
      const figure = metric?.level === 'set' ? metric.of(recommended) : undefined
      if (figure !== undefined) figures[metric!.name] = figure
    }
  return { values, figures }
}
