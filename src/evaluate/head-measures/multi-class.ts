import { RESERVED } from '../../codes.ts'
import { multiClass as metrics } from '../../metrics/index.ts'
import type { HeadMeasure, Tally } from './head-measure.ts'

/** Missing and unknown targets do not count. The constant is how often each class is, with half a target of each added: one that was never seen is not impossible. */
export const multiClass: HeadMeasure = {
  main: 'accuracy',
  metrics: ({ classes }, { ks }) => ({
    accuracy: 'higher',
    ...Object.fromEntries(cutoffs(classes!, ks).map((k) => [`accuracy@${k}`, 'higher'] as const)),
    logLoss: 'lower',
  }),
  targets: (_, values) => Float64Array.from(values, (code) => (code >= RESERVED ? code - RESERVED : NaN)),
  constant: ({ classes }, targets) => {
    const counts = new Float64Array(classes!).fill(0.5)
    for (const target of targets) counts[target]!++
    return Float32Array.from(counts, (count) => count / (targets.length + classes! / 2))
  },
  tally: ({ classes }, { ks }) => meansOf(classes!, cutoffs(classes!, ks)),
  losses: ({ classes }, targets, predictions) =>
    targets.map((target, at) => {
      const row = predictions.subarray(at * classes!, (at + 1) * classes!)
      return metrics.logLoss([target], row, { classes: classes! })
    }),
}

/** Among as many places as there are classes every target is found. */
const cutoffs = (classes: number, ks: readonly number[]): readonly number[] => ks.filter((k) => k < classes)

/** All metrics are means over targets: those of batches add up by their sizes. */
function meansOf(classes: number, ks: readonly number[]): Tally {
  const sums: Record<string, number> = Object.fromEntries(
    ['accuracy', ...ks.map((k) => `accuracy@${k}`), 'logLoss'].map((name) => [name, 0]),
  )
  let count = 0
  return {
    add: (targets, predictions) => {
      if (targets.length === 0) return
      const add = (name: string, mean: number): void => void (sums[name]! += mean * targets.length)
      add('accuracy', metrics.accuracy(targets, predictions, { classes }))
      for (const k of ks) add(`accuracy@${k}`, metrics.topKAccuracy(targets, predictions, { classes, k }))
      add('logLoss', metrics.logLoss(targets, predictions, { classes }))
      count += targets.length
    },
    values: () => Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / count])),
  }
}
