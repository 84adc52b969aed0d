import { cutoffMetric, type Metric } from './metric.ts'

/**
 * Average precision at `k`, reported as `map@k`: the mean, over the relevant items, of the precision at the place
 * of each that is within `k` (Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 8.4).
 *
 * With one relevant item the precision at its place is 1 / rank, so it equals `reciprocalRank(k)` value by value.
 */
export function averagePrecision(k: number): Metric {
  return cutoffMetric('map', k, (rank) => 1 / rank)
}
