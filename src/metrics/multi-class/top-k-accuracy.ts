import { checkNumber, checkOptions } from '../../options.ts'
import { meanRank } from '../mean-rank.ts'
import { checkClasses } from './check-classes.ts'

/**
 * The share of targets among the k classes of the highest scores. Classes that tie share the mean of their places, so a model that
 * scores all classes alike gains nothing.
 *
 * targets [n], from 0; scores [n, classes], row after row → 0 to 1, or NaN where there are none.
 */
export function topKAccuracy(
  targets: ArrayLike<number>,
  scores: Float32Array,
  options: { readonly classes: number; readonly k: number },
): number {
  checkOptions('topKAccuracy', options, ['classes', 'k'])
  const { classes, k } = options
  checkNumber('topKAccuracy: k', k, { integer: true, min: 1 })
  checkClasses('topKAccuracy', targets, { predictions: scores, classes })
  let right = 0
  for (let at = 0; at < targets.length; at++) {
    const row = scores.subarray(at * classes, (at + 1) * classes)
    right += meanRank(row, targets[at]!) <= k ? 1 : 0
  }
  return right / targets.length
}

/** The share of targets that score highest, alone: `topKAccuracy` of 1. */
export function accuracy(
  targets: ArrayLike<number>,
  scores: Float32Array,
  options: { readonly classes: number },
): number {
  return topKAccuracy(targets, scores, { ...options, k: 1 })
}
