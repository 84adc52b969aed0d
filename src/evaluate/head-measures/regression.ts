import { regression as metrics } from '../../metrics/index.ts'
import { mean } from '../../metrics/mean.ts'
import { type HeadMeasure, tallyAll } from './head-measure.ts'

/**
 * The constant is the best one by the head's own loss: the mean; the mean of ln(1 + target) with `log1p`; the location of Huber 1964 with `huber`. R² compares with a
 * mean, too: that of the targets that are measured.
 */
export const regression: HeadMeasure = {
  main: 'rmse',
  metrics: () => ({ rmse: 'lower', mae: 'lower', r2: 'higher' }),
  targets: (_, values) => Float64Array.from(values),
  constant: ({ options: { loss, log1p, delta = 1 } }, targets) => {
    const learnt = log1p === true ? targets.map(Math.log1p) : targets
    const best = loss === 'huber' ? huberLocation(learnt, Number(delta)) : mean(learnt)
    return Float32Array.of(log1p === true ? Math.expm1(best) : best)
  },
  tally: () =>
    tallyAll((targets, predictions) => ({
      rmse: metrics.rmse(targets, predictions),
      mae: metrics.mae(targets, predictions),
      r2: metrics.r2(targets, predictions),
    })),
  losses: (_, targets, predictions) => targets.map((target, at) => (predictions[at]! - target) ** 2),
}

/** Where Huber's loss is least: its slope, the sum of distances cut off at ±delta, rises through 0 there. Found by halving. */
function huberLocation(values: Float64Array, delta: number): number {
  const slope = (at: number): number =>
    values.reduce((sum, value) => sum + Math.max(-delta, Math.min(delta, at - value)), 0)
  let low = values.reduce((least, value) => Math.min(least, value), Infinity)
  let high = values.reduce((most, value) => Math.max(most, value), -Infinity)
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (slope(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
