import { planEpochs, type Sessions, type SessionSource } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { checkCount, checkFits, checkTargetsThere } from './check-data.ts'
import { checkModel } from '../model/check-model.ts'
import { checkSessions, checkTrainOptions } from './check-options.ts'
import { checkRankingOptions } from './check-ranking-options.ts'
import { checkReached } from './check-reached.ts'
import { checkUnused } from './check-unused.ts'
import { checkWatched } from './check-watched.ts'
import { bestWeights, copyOf } from './best-weights.ts'
import { saveCheckpoint, type EpochRecord, type Progress } from './checkpoint.ts'
import { withCheckpointLock } from './checkpoint-lock.ts'
import { closeAll, closingOnError } from './close-all.ts'
import { createStep } from './create-step.ts'
import { fingerprint } from './fingerprint.ts'
import { checkpointFiles, pruneCheckpoints } from './kept-checkpoints.ts'
import { listeners } from './listeners.ts'
import { openToResume } from './open-to-resume.ts'
import { weightsOf } from './parameter-store.ts'
import { schedule } from './schedule.ts'
import { settleUpdates } from './settle-updates.ts'
import { targetCounts } from './target-counts.ts'
import { trainEpoch } from './train-epoch.ts'
import type { TrainOptions, Trained } from './train-options.ts'
import type { UpdateRecord } from './training-callback.ts'
import { doneOf, sizesOf, trainingStart } from './training-start.ts'
import { createValidator, defaultMetric } from './validate.ts'

/**
 * Trains a model on sessions, in memory or from a prepared folder that is larger. The same seed on the same machine gives the same losses, bit for bit, also when a run is killed and resumed.
 * Throws `SESSIONS_TOO_FEW` where nothing can be learnt from, or no validation session be ranked, `TRAINING_DIVERGED`, `CHECKPOINT_INVALID`, and `CHECKPOINT_EXISTS` while another
 * run uses the folder of the checkpoint, or where one has left its own there and `resume` is not given.
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

export interface LockedOptions extends TrainOptions {
  /** The epochs that the other options are meant for, where these are more than `epochs`, as in the first trials of a search: by their end warmups must have ended, and averages begun. Default: `epochs`. */
  readonly wholeEpochs?: number
}

/** `train` for a caller that holds the lock of the checkpoint folder, and keeps it until it has made use of what was trained. */
export async function trainLocked(
  model: Model,
  data: Sessions | SessionSource,
  { wholeEpochs, ...options }: LockedOptions,
): Promise<Trained> {
  checkTrainOptions(options)
  checkModel('train', model)
  checkSessions('sessions', data)
  if (options.checkpoint !== undefined) await checkUnused(options.checkpoint)
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
    evaluateEvery,
    checkpoint,
  } = options
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
  if (validation !== undefined) checkFits(model, validation, 'validation sessions')
  const direction = validation && checkWatched({ metric, ks }, { model, sessions: validation })
  const rate = schedule(updates.schedule, plans.updatesBefore(epochs + 1))
  checkReached(options, plans.updatesBefore((wholeEpochs ?? epochs) + 1))
  const settled = {
    batchSize,
    seed,
    metric,
    lengthPool,
    poolSessions,
    epochs,
    patience,
    ...updates.asked,
    ks,
    filterSeen,
    evaluateEvery: evaluateEvery ?? null,
  }
  const run = fingerprint(model, validation === undefined ? [data] : [data, validation], settled)
  const told = listeners(options.callbacks ?? [])

  const counts = await targetCounts(model, () => Promise.resolve(data))
  const step = await createStep(model, runtime, {
    ...{ itemCounts: counts, seed, plan, accumulate },
    maxRows: batchSize,
    maxTime: model.places,
  })
  const weights = weightsOf(step.store)
  const validator =
    validation &&
    (await closingOnError(step, () => createValidator(model, weights, { runtime, items, filterSeen, ks })))
  let progress: Progress = {
    fingerprint: run,
    epoch: 1,
    pool: 0,
    batch: 0,
    update: 0,
    lossSum: 0,
    labelSum: 0,
    maskState: [...step.maskState],
    history: [],
    evaluations: [],
    finished: false,
  }
  try {
    const loaded = checkpoint && (await openToResume(checkpoint, run, 'epoch'))
    const restored = loaded?.restore(step.store)
    if (loaded !== undefined) progress = loaded.progress
    const best =
      validator &&
      bestWeights({
        ...{ validator, sessions: validation, step, metric, direction: direction!, patience },
        before: restored,
      })
    step.maskState.set(progress.maskState)
    step.push()
    const save = async (next: Progress): Promise<void> => {
      progress = { ...next, maskState: [...step.maskState] }
      if (checkpoint === undefined) return
      const { folder, keep } = checkpoint
      await step.pull()
      await saveCheckpoint(folder, progress, step.store, best?.weights, {
        files: checkpointFiles(progress, keep),
      })
      if (keep !== undefined) await pruneCheckpoints(folder, progress, keep)
    }
    await told.start(
      trainingStart({
        ...{ kind: 'train', model, options: settled, seed, progress, checkpoint, step: () => step },
        sizes: sizesOf(data, validation),
        resumed: loaded !== undefined,
        updates: plans.updatesBefore(epochs + 1),
      }),
    )
    if (typeof checkpoint?.resume !== 'boolean' || loaded === undefined) await save(progress)

    let isStopped = false
    const hearUpdate = async (update: UpdateRecord): Promise<boolean> => {
      isStopped = await told.update(update)
      return isStopped
    }
    const evaluation =
      best === undefined || evaluateEvery === undefined
        ? undefined
        : {
            every: evaluateEvery,
            run: async (at: Progress) => {
              const { progress: evaluated, record } = await best.evaluate(at)
              await save(evaluated)
              isStopped = (await told.evaluation(record)) || isStopped
              return { progress, isOver: isStopped || progress.finished }
            },
          }
    while (!progress.finished && !isStopped) {
      const plan = plans.plan(progress.epoch)
      const before = progress.evaluations.length
      const started = performance.now()
      progress = await trainEpoch({
        heads: model.heads,
        step,
        plan,
        progress,
        epochStart: plans.updatesBefore(progress.epoch),
        epochs,
        learningRate,
        rate,
        everySeconds: checkpoint?.everySeconds,
        save,
        onUpdate: told.hearUpdates ? hearUpdate : undefined,
        evaluation,
      })
      if (progress.pool < plan.pools) break
      const inside = progress.evaluations.slice(before).reduce((sum, each) => sum + each.seconds, 0)
      const seconds = (performance.now() - started) / 1000 - inside
      await step.pull()
      const evaluated = await best?.evaluate(progress)
      const after = evaluated?.progress ?? progress
      const record: EpochRecord = {
        epoch: progress.epoch,
        updates: progress.update,
        loss: progress.lossSum / progress.labelSum,
        learningRate: learningRate * rate(progress.update),
        ...(evaluated && {
          validation: evaluated.record.validation,
          validationSeconds: evaluated.record.seconds,
        }),
        seconds,
      }
      await save({
        ...after,
        history: [...progress.history, record],
        finished: after.finished || progress.epoch >= epochs,
        epoch: progress.epoch + 1,
        pool: 0,
        batch: 0,
        lossSum: 0,
        labelSum: 0,
      })
      const answers = [evaluated && (await told.evaluation(evaluated.record)), await told.epoch(record)]
      if (answers.includes(true)) isStopped = true
    }
    // Stopped inside an epoch: what was learnt there counts. It is not in the checkpoint, from which a run goes on as if it had not been stopped.
    if (best !== undefined && isStopped && progress.evaluations.at(-1)?.update !== progress.update) {
      const evaluated = await best.evaluate(progress)
      progress = { ...evaluated.progress, finished: false }
      await told.evaluation(evaluated.record)
    }
    await step.pull()
    const weights = best?.weights ?? copyOf(step)
    await told.end({ ...doneOf(progress), status: progress.finished ? 'ended' : 'stopped', weights })
    return { model, weights, history: progress.history, ...(progress.best && { best: progress.best }) }
  } catch (error) {
    await told.end({ ...doneOf(progress), status: 'failed', error })
    throw error
  } finally {
    await closeAll(validator, step)
  }
}

/** Options that only a validation makes use of are refused without one, those of ranking without a head that ranks. */
function checkValidated(model: Model, options: TrainOptions): void {
  const given = (names: readonly (keyof TrainOptions)[]): string | undefined =>
    names.find((name) => options[name] !== undefined)
  const unused =
    options.validation === undefined
      ? given(['metric', 'patience', 'ks', 'filterSeen', 'evaluateEvery'])
      : undefined
  if (unused !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: '${unused}' needs 'validation' sessions, and none are given. Give some, or leave it out.`,
    )
  checkRankingOptions('train', options, model)
}
