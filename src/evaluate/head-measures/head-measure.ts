import type { Head } from '../../heads/index.ts'

/** Whether a metric is better the higher or the lower it is. */
export type Direction = 'higher' | 'lower'

export interface MeasureOptions {
  /** From this probability on a binary head predicts 1. */
  readonly threshold: number
  /** Cutoffs k of `accuracy@k`, for heads of more than k classes. */
  readonly ks: readonly number[]
}

/** What heads are measured with where nothing else is said, and in training. */
export const measureDefaults: MeasureOptions = { threshold: 0.5, ks: [5] }

/** Takes targets and predictions batch after batch, so that no more than a batch of class probabilities is in memory. */
export interface Tally {
  /** targets [n], all of which count; predictions [n], of classes [n, classes]. */
  add(targets: Float64Array, predictions: Float32Array): void
  /** The metrics of all that was added, by name. NaN where one cannot be told from it. */
  values(): Readonly<Record<string, number>>
}

/** How the heads of a kind are measured, as data. A new kind of head has its file here, and its line in `headMeasures`. */
export interface HeadMeasure {
  /** The metric that chooses the best epoch where none is named. */
  readonly main: string
  /** Every metric, by name. */
  metrics(head: Head, options: MeasureOptions): Readonly<Record<string, Direction>>
  /** Targets of the sessions' own values, as the head's loss sees them: [n] → [n], NaN where one does not count. */
  targets(head: Head, values: Int32Array | Float32Array): Float64Array
  /** What predicts best without looking at a session: targets [n], all of which count → [1], of classes [classes]. */
  constant(head: Head, targets: Float64Array): Float32Array
  tally(head: Head, options: MeasureOptions): Tally
  /** What a head and its constant are compared by, a proper score of each target: shapes as in `Tally.add` → [n], the lower the better. */
  losses(head: Head, targets: Float64Array, predictions: Float32Array): Float64Array
}

/** A tally of metrics that need all targets at once, for heads of one number a target. */
export function tallyAll(
  measure: (targets: readonly number[], predictions: readonly number[]) => ReturnType<Tally['values']>,
): Tally {
  const [targets, predictions]: [number[], number[]] = [[], []]
  return {
    add: (more, predicted) => {
      for (const target of more) targets.push(target)
      for (const prediction of predicted) predictions.push(prediction)
    },
    values: () => measure(targets, predictions),
  }
}
