import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'

/** The key under which a metric is reported: its kind and its cutoff, such as `ndcg@10`. */
export type MetricName = `${string}@${number}`

/**
 * A ranking metric of one session that has one relevant item, the target.
 *
 * `of` takes the 1-based rank of the target, fractional where scores are tied (see `meanRank`), and returns
 * a value from 0 to 1. A rank is within `k` when `rank <= k`; beyond it every metric is 0. `Infinity` is a miss.
 * Throws `OPTION_INVALID` for a rank below 1 and for NaN.
 */
export interface Metric {
  readonly kind: string
  readonly k: number
  readonly name: MetricName
  readonly of: (rank: number) => number
}

/** A metric that is `gain(rank)` up to rank `k` and 0 beyond. Throws `OPTION_INVALID` unless `k` is a whole number from 1. */
export function cutoffMetric(kind: string, k: number, gain: (rank: number) => number): Metric {
  checkNumber(`The cutoff k of the metric '${kind}'`, k, { integer: true, min: 1 })
  const name: MetricName = `${kind}@${k}`
  const of = (rank: number): number => {
    if (rank >= 1) return rank <= k ? gain(rank) : 0
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${name} expects a rank from 1 (the best place), received ${rank}. Use meanRank to rank a target.`,
    )
  }
  return Object.freeze({ kind, k, name, of })
}
