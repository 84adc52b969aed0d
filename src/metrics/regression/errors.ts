import { checkPairs } from '../check-pairs.ts'
import { mean } from '../mean.ts'

/** Mean of what `of` makes of each prediction less its target. */
function meanOf(
  metric: string,
  targets: ArrayLike<number>,
  { predictions, of }: { readonly predictions: ArrayLike<number>; readonly of: (error: number) => number },
): number {
  checkPairs(metric, targets, { predictions })
  let total = 0
  for (let at = 0; at < targets.length; at++) total += of(predictions[at]! - targets[at]!)
  return total / targets.length
}

const square = (error: number): number => error * error

/** Root of the mean squared error, in the units of the target: targets [n], predictions [n]. NaN where there are none. */
export function rmse(targets: ArrayLike<number>, predictions: ArrayLike<number>): number {
  return Math.sqrt(meanOf('rmse', targets, { predictions, of: square }))
}

/** Mean absolute error, in the units of the target: targets [n], predictions [n]. NaN where there are none. */
export function mae(targets: ArrayLike<number>, predictions: ArrayLike<number>): number {
  return meanOf('mae', targets, { predictions, of: Math.abs })
}

/**
 * Coefficient of determination: 1 less the squared error as a share of that of predicting the mean of these targets.
 * 1 at best, 0 for the mean, below for worse; NaN where all targets are alike or there are none.
 */
export function r2(targets: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const error = meanOf('r2', targets, { predictions, of: square })
  const values = Float64Array.from(targets)
  // A mean of values that are alike need not be one of them.
  if (values.every((value) => value === values[0])) return NaN
  const center = mean(values)
  return 1 - error / mean(values.map((value) => square(value - center)))
}
