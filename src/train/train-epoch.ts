import type { EpochPlan } from '../data/index.ts'
import type { Model } from '../model.ts'
import type { Progress } from './checkpoint.ts'
import { checkTargets } from './check-targets.ts'
import type { TrainingStep } from './step.ts'
import type { TrainOptions } from './train-options.ts'

export interface EpochRun {
  readonly heads: Model['heads']
  readonly step: TrainingStep
  readonly plan: EpochPlan
  readonly progress: Progress
  /** Updates of all epochs before this one. */
  readonly epochStart: number
  readonly epochs: number
  /** Before the schedule. */
  readonly learningRate: number
  readonly rate: (update: number) => number
  readonly options: TrainOptions
  readonly save: (progress: Progress) => Promise<void>
}

/** Runs the batches of one epoch that are left, and says where that leads. */
export async function trainEpoch({
  heads,
  step,
  plan,
  progress: from,
  epochStart,
  epochs,
  learningRate,
  rate,
  options,
  save,
}: EpochRun): Promise<Progress> {
  const every = 1000 * (options.checkpoint?.everySeconds ?? 60)
  const started = performance.now()
  let saved = started
  let progress = from
  for (let pool = from.pool; pool < plan.pools; pool++) {
    const batches = await plan.pool(pool)
    for (let at = pool === from.pool ? from.batch : 0; at < batches.count; at++) {
      const update = progress.update + 1
      const together = batches.batches(at)
      for (const batch of together) checkTargets(heads, batch)
      const { loss, labels } = await step.run(together, { update, learningRate: learningRate * rate(update) })
      progress = {
        ...progress,
        update,
        pool: at + 1 < batches.count ? pool : pool + 1,
        batch: at + 1 < batches.count ? at + 1 : 0,
        lossSum: progress.lossSum + loss * labels,
        labelSum: progress.labelSum + labels,
      }
      const now = performance.now()
      const done = update - epochStart
      const perBatch = (now - started) / (update - from.update)
      options.onProgress?.({
        epoch: progress.epoch,
        epochs,
        batch: done,
        batches: plan.updates,
        loss: progress.lossSum / progress.labelSum,
        rate: (1000 * (progress.labelSum - from.labelSum)) / (now - started),
        secondsLeft: (perBatch * (plan.updates - done + (epochs - progress.epoch) * plan.updates)) / 1000,
      })
      if (now - saved >= every && done < plan.updates) {
        await save(progress)
        saved = performance.now()
      }
    }
  }
  return progress
}
