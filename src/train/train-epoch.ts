import type { EpochPlan } from '../data/index.ts'
import type { Model } from '../model.ts'
import type { Progress } from './checkpoint.ts'
import { checkTargets } from './check-targets.ts'
import type { TrainingStep } from './step.ts'
import type { UpdateRecord } from './training-callback.ts'

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
  /** Seconds between checkpoints; default 60. */
  readonly everySeconds: number | undefined
  readonly save: (progress: Progress) => Promise<void>
  /** Hears of each update, if anyone does, and says whether training is to end there. */
  readonly onUpdate: ((record: UpdateRecord) => Promise<boolean>) | undefined
  /** What is done inside of the epoch after every so many updates: it saves where training stands, and says whether it is to end there. */
  readonly evaluation?:
    | {
        readonly every: number
        readonly run: (
          progress: Progress,
        ) => Promise<{ readonly progress: Progress; readonly isOver: boolean }>
      }
    | undefined
}

/** Runs the batches of one epoch that are left, and says where that leads: before its end where an evaluation or a callback has ended training. */
export async function trainEpoch({
  heads,
  step,
  plan,
  progress: from,
  epochStart,
  epochs,
  learningRate,
  rate,
  everySeconds = 60,
  save,
  onUpdate,
  evaluation,
}: EpochRun): Promise<Progress> {
  const every = 1000 * everySeconds
  const started = performance.now()
  let saved = started
  let progress = from
  for (let pool = from.pool; pool < plan.pools; pool++) {
    const batches = await plan.pool(pool)
    for (let at = pool === from.pool ? from.batch : 0; at < batches.count; at++) {
      const update = progress.update + 1
      const together = batches.batches(at)
      for (const batch of together) checkTargets(heads, batch)
      const rated = learningRate * rate(update)
      const { loss, labels, gradientNorm } = await step.run(together, { update, learningRate: rated })
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
      let isStopped = false
      if (onUpdate !== undefined) {
        const perBatch = (now - started) / (update - from.update)
        const left = plan.updates - done + (epochs - progress.epoch) * plan.updates
        isStopped = await onUpdate({
          ...{ update, epoch: progress.epoch, epochs, batch: done, batches: plan.updates },
          ...{ loss: progress.lossSum / progress.labelSum, updateLoss: loss, gradientNorm },
          learningRate: rated,
          rate: (1000 * (progress.labelSum - from.labelSum)) / (now - started),
          secondsLeft: (perBatch * left) / 1000,
        })
      }
      // At the end of the epoch the caller does both.
      if (done === plan.updates) continue
      if (evaluation !== undefined && update % evaluation.every === 0) {
        const evaluated = await evaluation.run(progress)
        if (evaluated.isOver || isStopped) return evaluated.progress
        progress = evaluated.progress
        saved = performance.now()
      } else if (isStopped || now - saved >= every) {
        await save(progress)
        if (isStopped) return progress
        saved = performance.now()
      }
    }
  }
  return progress
}
