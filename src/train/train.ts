import { planEpochs, type Sessions, type SessionSource } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { checkNumber } from '../options.ts'
import { RESERVED } from '../codes.ts'
import { checkCount, checkFits, checkTargetsThere } from './check-data.ts'
import { checkSessions, checkTrainOptions } from './check-options.ts'
import { checkWatched } from './check-watched.ts'
import {
  openCheckpoint,
  saveCheckpoint,
  type EpochRecord,
  type Progress,
  type Weights,
} from './checkpoint.ts'
import { withCheckpointLock } from './checkpoint-lock.ts'
import { createStep } from './create-step.ts'
import { fingerprint } from './fingerprint.ts'
import { weightsOf } from './parameter-store.ts'
import { schedule } from './schedule.ts'
import { settleUpdates } from './settle-updates.ts'
import { targetCounts } from './target-counts.ts'
import { trainEpoch } from './train-epoch.ts'
import type { TrainOptions, Trained } from './train-options.ts'
import { createValidator, defaultMetric } from './validate.ts'

/**
 * Trains a model on sessions, in memory or from a prepared folder that is larger. The same seed on the same machine gives the same losses, bit for bit, also when a run is killed and resumed.
 * Throws `SESSIONS_TOO_FEW` where nothing can be learnt from, `TRAINING_DIVERGED`, `CHECKPOINT_INVALID`, and `CHECKPOINT_EXISTS` while another
 * run uses the folder of the checkpoint.
 */
export async function train(
  model: Model,
  data: Sessions | SessionSource,
  options: TrainOptions = {},
): Promise<Trained> {
  const { checkpoint } = checkTrainOptions(options)
  if (checkpoint === undefined) return trainLocked(model, data, options)
  return withCheckpointLock(checkpoint.folder, () => trainLocked(model, data, options))
}

/** `train` for a caller that holds the lock of the checkpoint folder, and keeps it until it has made use of what was trained. */
export async function trainLocked(
  model: Model,
  data: Sessions | SessionSource,
  options: TrainOptions,
): Promise<Trained> {
  checkTrainOptions(options)
  checkSessions('sessions', data)
  checkTargetsThere(model, data)
  checkValidated(model, options)
  const items = model.schema.items - RESERVED
  checkFits(model, data)
  const {
    epochs = 10,
    batchSize = 128,
    seed = 1,
    patience = 10,
    ks = [Math.min(10, items)],
    metric = defaultMetric(model, ks),
    filterSeen = true,
    lengthPool = 1,
    poolSessions = 250_000,
    runtime = nodeRuntime(),
    validation,
    checkpoint,
  } = options
  for (const [name, value] of Object.entries({ epochs, batchSize, patience, lengthPool, poolSessions }))
    checkNumber(`train: ${name}`, value, { integer: true, min: 1 })
  checkNumber('train: seed', seed, { integer: true, min: 0 })
  checkNumber('train: everySeconds', checkpoint?.everySeconds ?? 60, { min: 0 })
  const updates = settleUpdates(options)
  const { learningRate, accumulate } = updates
  const plan = updates.planFor(model)
  const { maxLength, batchRules } = model
  const { swapNoise } = model.inputs
  const plans = planEpochs(data, {
    maxLength,
    batchSize,
    seed,
    lengthPool,
    poolSessions,
    swapNoise,
    accumulate,
    ...batchRules,
  })
  checkCount(data)
  const direction = validation && checkWatched({ metric, ks }, { model, sessions: validation })
  const rate = schedule(options.schedule ?? {}, plans.updatesBefore(epochs + 1))
  const run = fingerprint(model, validation === undefined ? [data] : [data, validation], {
    batchSize,
    seed,
    metric,
    lengthPool,
    poolSessions,
    epochs,
    patience,
    ...updates.asked,
    schedule: options.schedule ?? {},
    ks,
    filterSeen,
  })

  const counts = await targetCounts(model, () => Promise.resolve(data))
  const step = await createStep(model, runtime, {
    ...{ itemCounts: counts, seed, plan, accumulate },
    maxRows: batchSize,
    maxTime: model.places,
  })
  const weights = weightsOf(step.store)
  const copied = (): Weights =>
    Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.slice()]))
  const validator = validation && (await createValidator(model, weights, { runtime, items, filterSeen, ks }))
  try {
    const loaded = checkpoint?.resume === true ? await openCheckpoint(checkpoint.folder, run) : undefined
    let best = loaded?.restore(step.store)
    let progress: Progress = loaded?.progress ?? {
      fingerprint: run,
      epoch: 1,
      pool: 0,
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
        heads: model.heads,
        step,
        plan: plans.plan(progress.epoch),
        progress,
        epochStart: plans.updatesBefore(progress.epoch),
        epochs,
        learningRate,
        rate,
        options,
        save,
      })
      const seconds = (performance.now() - started) / 1000
      await step.pull()
      const measured = performance.now()
      const result = await validator?.measure(validation!)
      const record: EpochRecord = {
        epoch: progress.epoch,
        updates: progress.update,
        loss: progress.lossSum / progress.labelSum,
        learningRate: learningRate * rate(progress.update),
        ...(result && {
          validation: result,
          validationSeconds: (performance.now() - measured) / 1000,
        }),
        seconds,
      }
      const value = result?.[metric]
      const better =
        value !== undefined &&
        (progress.best === undefined ||
          (direction === 'higher' ? value > progress.best.metric : value < progress.best.metric))
      if (better) best = copied()
      const bestEpoch = better ? { epoch: progress.epoch, metric: value } : progress.best
      const stale = bestEpoch !== undefined && progress.epoch - bestEpoch.epoch >= patience
      await save({
        ...progress,
        ...(bestEpoch && { best: bestEpoch }),
        history: [...progress.history, record],
        finished: stale || progress.epoch >= epochs,
        epoch: progress.epoch + 1,
        pool: 0,
        batch: 0,
        lossSum: 0,
        labelSum: 0,
      })
      await options.onEpoch?.(record)
    }
    return {
      model,
      weights: best ?? copied(),
      history: progress.history,
      ...(progress.best && { best: progress.best }),
    }
  } finally {
    await validator?.close()
    await step.close()
  }
}

/** Options that only a validation makes use of are refused without one, those of ranking without a head that ranks. */
function checkValidated({ itemHead }: Model, options: TrainOptions): void {
  const given = (names: readonly (keyof TrainOptions)[]): string | undefined =>
    names.find((name) => options[name] !== undefined)
  const unused =
    options.validation === undefined ? given(['metric', 'patience', 'ks', 'filterSeen']) : undefined
  if (unused !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: '${unused}' needs 'validation' sessions, and none are given. Give some, or leave it out.`,
    )
  const ofRanking = itemHead === undefined ? given(['ks', 'filterSeen']) : undefined
  if (ofRanking !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: '${ofRanking}' is of ranking items, and the model has no heads.nextItem. Leave it out.`,
    )
}
