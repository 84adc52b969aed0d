import { cutoffMetric, type Metric } from './metric.ts'

/**
 * Normalised discounted cumulative gain at `k`: 1 / log2(rank + 1) within `k`, else 0.
 *
 * With one relevant item the ideal gain is 1 / log2(2) = 1, so the gain is already normalised.
 * Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.
 * Differs: discounted by log2(rank + 1) from the first place on, as is usual since Burges et al. (ICML 2005).
 */
export function ndcg(k: number): Metric {
  return cutoffMetric('ndcg', k, (rank) => 1 / Math.log2(rank + 1))
}
