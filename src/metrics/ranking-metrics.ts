import { averagePrecision } from './average-precision.ts'
import type { Metric } from './metric.ts'
import { ndcg } from './ndcg.ts'
import { precision } from './precision.ts'
import { recall } from './recall.ts'
import { reciprocalRank } from './reciprocal-rank.ts'

/** Every metric that an evaluation measures, at each cutoff. A new metric has its one line here. */
export const rankingMetrics: readonly ((k: number) => Metric)[] = [
  ndcg,
  recall,
  precision,
  averagePrecision,
  reciprocalRank,
]
