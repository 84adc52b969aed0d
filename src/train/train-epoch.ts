import type { BatchPlan } from '../data/index.ts'
import type { Progress } from './checkpoint.ts'
import type { OptimizerOptions } from './optimizer.ts'
import type { TrainingStep } from './step.ts'
import type { TrainOptions } from './train-options.ts'

export interface EpochRun {
  readonly step: TrainingStep
  readonly plan: BatchPlan
  readonly progress: Progress
  readonly epochs: number
  readonly optimizer: Required<OptimizerOptions>
  readonly rate: (update: number) => number
  readonly options: TrainOptions
  readonly save: (progress: Progress) => Promise<void>
}

/** Runs the batches of one epoch that are left, and says where that leads. */
export async function trainEpoch({
  step,
  plan,
  progress: from,
  epochs,
  optimizer,
  rate,
  options,
  save,
}: EpochRun): Promise<Progress> {
  const every = 1000 * (options.checkpoint?.everySeconds ?? 60)
  const started = performance.now()
  let saved = started
  let progress = from
  for (let at = from.batch; at < plan.count; at++) {
    const update = progress.update + 1
    const { loss, labels } = await step.run(plan.batch(at), update, {
      ...optimizer,
      learningRate: optimizer.learningRate * rate(update),
    })
    progress = {
      ...progress,
      update,
      batch: at + 1,
      lossSum: progress.lossSum + loss * labels,
      labelSum: progress.labelSum + labels,
    }
    const now = performance.now()
    const perBatch = (now - started) / (at + 1 - from.batch)
    options.onProgress?.({
      epoch: progress.epoch,
      epochs,
      batch: at + 1,
      batches: plan.count,
      loss: progress.lossSum / progress.labelSum,
      rate: (1000 * (progress.labelSum - from.labelSum)) / (now - started),
      secondsLeft: (perBatch * (plan.count - at - 1 + (epochs - progress.epoch) * plan.count)) / 1000,
    })
    if (now - saved >= every && at + 1 < plan.count) {
      await save(progress)
      saved = performance.now()
    }
  }
  return progress
}
