import { cutoffMetric, type Metric } from './metric.ts'

/**
 * Recall at `k`: the share of the relevant items that are within `k`.
 *
 * With one relevant item it is 1 or 0, also known as hit rate (HR@k) or, in Deshpande and Karypis,
 * "Item-based top-N recommendation algorithms", TOIS 2004, as hit-rate over leave-one-out targets.
 */
export function recall(k: number): Metric {
  return cutoffMetric('recall', k, () => 1)
}
