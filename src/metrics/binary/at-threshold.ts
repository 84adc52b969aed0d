import { checkNumber } from '../../options.ts'
import { checkBinary } from './check-binary.ts'

/** Shares, each NaN where it has nothing to be a share of. */
export interface ThresholdMetrics {
  /** Of all, those that are predicted right. */
  readonly accuracy: number
  /** Of those predicted 1, those that are 1; NaN where none is predicted 1. */
  readonly precision: number
  /** Of those that are 1, those predicted 1; NaN where none is 1. */
  readonly recall: number
  /** Harmonic mean of precision and recall, 2·hits ÷ (predicted + actual); NaN where none is 1 and none predicted 1. */
  readonly f1: number
}

/** What is predicted 1 from a score on: targets [n], 0 or 1; scores [n]; `threshold` default 0.5. */
export function atThreshold(
  targets: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: { readonly threshold?: number } = {},
): ThresholdMetrics {
  const { threshold = 0.5 } = options
  checkNumber('atThreshold: threshold', threshold, {})
  checkBinary('atThreshold', targets, scores)
  let [right, hits, predicted, actual] = [0, 0, 0, 0]
  for (let at = 0; at < targets.length; at++) {
    const guess = scores[at]! >= threshold ? 1 : 0
    const target = targets[at]!
    right += guess === target ? 1 : 0
    hits += guess * target
    predicted += guess
    actual += target
  }
  return {
    accuracy: right / targets.length,
    precision: hits / predicted,
    recall: hits / actual,
    f1: (2 * hits) / (predicted + actual),
  }
}
