import { RESERVED } from '../../codes.ts'
import { binary as metrics } from '../../metrics/index.ts'
import { type HeadMeasure, tallyAll } from './head-measure.ts'

/** The constant is the base rate, with half a target of each kind added: one that was never seen is not impossible. */
export const binary: HeadMeasure = {
  main: 'auc',
  metrics: () => ({
    auc: 'higher',
    logLoss: 'lower',
    accuracy: 'higher',
    precision: 'higher',
    recall: 'higher',
    f1: 'higher',
  }),
  targets: ({ options: { positive } }, values) =>
    Float64Array.from(values, (value) => {
      if (positive === undefined) return Number.isNaN(value) ? NaN : Number(value > 0)
      return value < RESERVED ? NaN : Number(value === positive)
    }),
  constant: (_, targets) => {
    const positives = targets.reduce((sum, target) => sum + target, 0)
    return Float32Array.of((positives + 0.5) / (targets.length + 1))
  },
  tally: (_, { threshold }) =>
    tallyAll((targets, predictions) => ({
      auc: metrics.auc(targets, predictions),
      logLoss: metrics.logLoss(targets, predictions),
      ...metrics.atThreshold(targets, predictions, { threshold }),
    })),
  losses: (_, targets, predictions) =>
    targets.map((target, at) => metrics.logLoss([target], predictions.subarray(at, at + 1))),
}
