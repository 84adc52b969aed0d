import { checkBinary } from './check-binary.ts'

/**
 * Area under the ROC curve: how often a positive scores above a negative, ties counted as half (Hanley and McNeil 1982).
 *
 * targets [n], 0 or 1; scores [n], on any scale → 0 to 1, or NaN where all targets are alike or there are none. In O(n log n).
 */
export function auc(targets: ArrayLike<number>, scores: ArrayLike<number>): number {
  checkBinary('auc', targets, scores)
  const of = (target: number): Float64Array =>
    Float64Array.from(scores)
      .filter((_, at) => targets[at] === target)
      .sort()
  const [negatives, positives] = [of(0), of(1)]
  let [lower, notHigher, wins] = [0, 0, 0]
  for (const score of positives) {
    while (negatives[lower]! < score) lower++
    while (negatives[notHigher]! <= score) notHigher++
    wins += (lower + notHigher) / 2
  }
  return wins / (positives.length * negatives.length)
}
