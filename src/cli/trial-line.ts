import type { TrialRecord } from '../tune/index.ts'
import { duration } from './progress.ts'

interface Progress {
  readonly metric: string
  /** `ran`: of those done, the ones that were run in these `seconds`. */
  readonly done: number
  readonly ran: number
  readonly total: number
  readonly seconds: number
}

/** `trial 1, 3 epochs: ndcg@10 0.1234, 5.0 s · 1 of 20, 1 min 35 s left`. What is left is told by the trials that were run here. */
export function trialLine(
  { trial, budget, value, error, seconds: own }: TrialRecord,
  { metric, done, ran, total, seconds }: Progress,
): string {
  const came = value === undefined ? `failed, ${error!.message}` : `${metric} ${value.toFixed(4)}`
  const left = ran === 0 ? '' : `, ${duration((seconds / ran) * (total - done))} left`
  return `trial ${trial}, ${budget} epochs: ${came}, ${own.toFixed(1)} s · ${done} of ${total}${left}`
}
