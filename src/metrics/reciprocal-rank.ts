import { cutoffMetric, type Metric } from './metric.ts'

/**
 * Reciprocal rank at `k`, reported as `mrr@k`: 1 / rank of the first relevant item within `k`, else 0
 * (Voorhees, "The TREC-8 question answering track report", 1999).
 */
export function reciprocalRank(k: number): Metric {
  return cutoffMetric('mrr', k, (rank) => 1 / rank)
}
