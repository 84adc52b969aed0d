import { planTraining, type Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { evaluateRanking, modelScorer, type RankingResult } from '../evaluate/index.ts'
import type { Runtime } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { MetricName } from '../metrics/index.ts'
import type { Model } from '../model.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { RESERVED } from '../codes.ts'
import { checkWatched } from './check-watched.ts'
import {
  loadCheckpoint,
  saveCheckpoint,
  type EpochRecord,
  type Progress,
  type Weights,
} from './checkpoint.ts'
import { createStep } from './create-step.ts'
import { fingerprint } from './fingerprint.ts'
import { optimizerOptions, type OptimizerOptions } from './optimizer.ts'
import { schedule, type ScheduleOptions } from './schedule.ts'
import type { TrainingStep } from './step.ts'

export interface TrainOptions {
  /** Where the graphs run; `nodeRuntime()` on the CPU unless given. */
  readonly runtime?: Runtime
  /** Sessions whose last event is predicted after each epoch. Without them the last epoch's weights are kept. */
  readonly validation?: Sessions
  /** Most epochs; default 10. */
  readonly epochs?: number
  /** Sessions an update; default 128. */
  readonly batchSize?: number
  /** Start of every random draw; default 1. */
  readonly seed?: number
  /** Epochs without a better `metric` after which training stops; default 10. */
  readonly patience?: number
  /** The validation metric that chooses the best epoch; default `ndcg` at the first of `ks`. */
  readonly metric?: string
  /** Cutoffs of the validation metrics; default 10, or the size of a smaller catalogue. */
  readonly ks?: readonly number[]
  /** Whether items that a session has had are no candidates in validation; default true. */
  readonly filterSeen?: boolean
  readonly optimizer?: OptimizerOptions
  readonly schedule?: ScheduleOptions
  /** How many batches of sessions are sorted by length together; 1 (the default) for none. */
  readonly lengthPool?: number
  readonly checkpoint?: CheckpointOptions
  readonly onProgress?: (progress: TrainingProgress) => void
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>
}

export interface CheckpointOptions {
  readonly folder: string
  /** Go on from the checkpoint in the folder, if there is one. */
  readonly resume?: boolean
  /** Seconds between checkpoints inside an epoch; one is made after every epoch anyway. Default 60. */
  readonly everySeconds?: number
}

export interface TrainingProgress {
  readonly epoch: number
  readonly epochs: number
  readonly batch: number
  readonly batches: number
  /** Mean of the epoch so far. */
  readonly loss: number
  /** Events a second that were trained on. */
  readonly rate: number
  /** Seconds until the last epoch ends, if none is saved by early stopping. */
  readonly secondsLeft: number
}

export interface Trained {
  readonly model: Model
  /** Of the best epoch by validation, else of the last. */
  readonly weights: Weights
  readonly history: readonly EpochRecord[]
  readonly best?: { readonly epoch: number; readonly metric: number }
}

const KNOWN = [
  'runtime',
  'validation',
  'epochs',
  'batchSize',
  'seed',
  'patience',
  'metric',
  'ks',
  'filterSeen',
  'optimizer',
  'schedule',
  'lengthPool',
  'checkpoint',
  'onProgress',
  'onEpoch',
]

/**
 * Trains a model on sessions. The same seed on the same machine gives the same losses, bit for bit, also when a run is killed and resumed.
 * Throws `SESSIONS_TOO_FEW` where nothing can be learnt from, `TRAINING_DIVERGED`, `CHECKPOINT_INVALID`.
 */
export async function train(model: Model, sessions: Sessions, options: TrainOptions = {}): Promise<Trained> {
  checkOptions('train', options, KNOWN)
  checkValidated(options)
  const items = model.schema.items - RESERVED
  const {
    epochs = 10,
    batchSize = 128,
    seed = 1,
    patience = 10,
    ks = [Math.min(10, items)],
    metric = `ndcg@${ks[0] ?? 0}`,
    filterSeen = true,
    lengthPool = 1,
    runtime = nodeRuntime(),
    validation,
    checkpoint,
  } = options
  for (const [name, value] of Object.entries({ epochs, batchSize, patience, lengthPool }))
    checkNumber(`train: ${name}`, value, { integer: true, min: 1 })
  checkNumber('train: seed', seed, { integer: true, min: 0 })
  if (checkpoint !== undefined) {
    checkOptions('train: checkpoint', checkpoint, ['folder', 'resume', 'everySeconds'])
    checkNumber('train: everySeconds', checkpoint.everySeconds ?? 60, { min: 0 })
  }
  const optimizer = optimizerOptions(options.optimizer)
  const plan = (epoch: number): ReturnType<typeof planTraining> =>
    planTraining(sessions, { maxLength: model.maxLength, batchSize, seed, epoch, lengthPool })
  if (sessions.count < 2)
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `Training needs two sessions or more, received ${sessions.count}. Check that the session column is the right one, or give more events.`,
    )
  if (validation !== undefined) checkWatched(metric, ks, items)
  const rate = schedule(options.schedule ?? {}, epochs * plan(1).count)
  const run = fingerprint(model, validation === undefined ? [sessions] : [sessions, validation], {
    batchSize,
    seed,
    metric,
    lengthPool,
    epochs,
    patience,
    optimizer,
    schedule: options.schedule ?? {},
    ks,
    filterSeen,
  })

  const step = await createStep(model, runtime, { seed, maxRows: batchSize, maxTime: model.maxLength })
  const weights = Object.fromEntries(
    step.store.slots.map(({ parameter, values }) => [
      parameter.name,
      { dtype: 'float32' as const, dims: parameter.shape, data: values },
    ]),
  )
  const scorer = validation && (await modelScorer(model, runtime, weights))
  try {
    const loaded =
      checkpoint?.resume === true ? await loadCheckpoint(checkpoint.folder, step.store, run) : undefined
    let best = loaded?.best
    let progress: Progress = loaded?.progress ?? {
      fingerprint: run,
      epoch: 1,
      batch: 0,
      update: 0,
      lossSum: 0,
      labelSum: 0,
      maskState: [...step.maskState],
      history: [],
      finished: false,
    }
    step.maskState.set(progress.maskState)
    step.push()
    const save = async (next: Progress): Promise<void> => {
      progress = { ...next, maskState: [...step.maskState] }
      if (checkpoint === undefined) return
      await step.pull()
      await saveCheckpoint(checkpoint.folder, progress, step.store, best)
    }
    if (loaded === undefined) await save(progress)

    while (!progress.finished) {
      const started = performance.now()
      progress = await trainEpoch({
        step,
        plan: plan(progress.epoch),
        progress,
        epochs,
        optimizer,
        rate,
        options,
        save,
      })
      const seconds = (performance.now() - started) / 1000
      await step.pull()
      const measured = performance.now()
      const result =
        scorer &&
        (await evaluateRanking(scorer, validation, {
          items,
          maxLength: model.maxLength,
          filterSeen,
          ks,
        }))
      const record: EpochRecord = {
        epoch: progress.epoch,
        updates: progress.update,
        loss: progress.lossSum / progress.labelSum,
        learningRate: optimizer.learningRate * rate(progress.update),
        ...(result && {
          validation: metricsOf(result),
          validationSeconds: (performance.now() - measured) / 1000,
        }),
        seconds,
      }
      const value = result && result[metric as MetricName]
      const better = value !== undefined && (progress.best === undefined || value > progress.best.metric)
      if (better)
        best = Object.fromEntries(
          step.store.slots.map(({ parameter, values }) => [parameter.name, values.slice()]),
        )
      const bestEpoch = better ? { epoch: progress.epoch, metric: value } : progress.best
      const stale = bestEpoch !== undefined && progress.epoch - bestEpoch.epoch >= patience
      await save({
        ...progress,
        ...(bestEpoch && { best: bestEpoch }),
        history: [...progress.history, record],
        finished: stale || progress.epoch >= epochs,
        epoch: progress.epoch + 1,
        batch: 0,
        lossSum: 0,
        labelSum: 0,
      })
      await options.onEpoch?.(record)
    }
    const final =
      best ??
      Object.fromEntries(step.store.slots.map(({ parameter, values }) => [parameter.name, values.slice()]))
    return { model, weights: final, history: progress.history, ...(progress.best && { best: progress.best }) }
  } finally {
    await scorer?.close()
    await step.close()
  }
}

/** Options that only a validation makes use of are refused without one. */
function checkValidated(options: TrainOptions): void {
  if (options.validation !== undefined) return
  const unused = (['metric', 'patience', 'ks', 'filterSeen'] as const).find(
    (name) => options[name] !== undefined,
  )
  if (unused !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: '${unused}' needs 'validation' sessions, and none are given. Give some, or leave it out.`,
    )
}

interface EpochRun {
  readonly step: TrainingStep
  readonly plan: ReturnType<typeof planTraining>
  readonly progress: Progress
  readonly epochs: number
  readonly optimizer: Required<OptimizerOptions>
  readonly rate: (update: number) => number
  readonly options: TrainOptions
  readonly save: (progress: Progress) => Promise<void>
}

async function trainEpoch({
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

const metricsOf = (result: RankingResult): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(result).filter(([name, value]) => name.includes('@') && typeof value === 'number'),
  )
