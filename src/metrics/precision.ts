import { cutoffMetric, type Metric } from './metric.ts'

/**
 * Precision at `k`: the share of the first `k` places that hold relevant items (Manning, Raghavan and Schütze,
 * "Introduction to Information Retrieval", 2008, section 8.4).
 *
 * With one relevant item it is 1 / k or 0, thus recall at `k` divided by `k`. Differs: papers on sessions that
 * write "P@20" for the share of sessions with a hit mean `recall(20)`.
 */
export function precision(k: number): Metric {
  return cutoffMetric('precision', k, () => 1 / k)
}
