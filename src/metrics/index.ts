export * as beyond from './beyond/index.ts'
export * as binary from './binary/index.ts'
export * as multiClass from './multi-class/index.ts'
export * as regression from './regression/index.ts'
export { averagePrecision } from './average-precision.ts'
export { meanRank } from './mean-rank.ts'
export type { Metric, MetricName } from './metric.ts'
export { ndcg } from './ndcg.ts'
export { precision } from './precision.ts'
export { rankingMetrics } from './ranking-metrics.ts'
export { recall } from './recall.ts'
export { reciprocalRank } from './reciprocal-rank.ts'
export {
  bootstrapInterval,
  compareRuns,
  type Comparison,
  type Interval,
  type ResamplingOptions,
} from './significance.ts'
export { errorsOf, meansOf, sessionValues, standardErrors, summarise } from './summarise.ts'
