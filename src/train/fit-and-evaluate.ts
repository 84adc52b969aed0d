import {
  planEpochs,
  windowStarts,
  type EpochPlan,
  type Sessions,
  type TimeWindow,
  type WindowSessions,
} from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { checkFits, checkTargetsThere } from './check-data.ts'
import { checkModel } from './check-options.ts'
import { checkRankingOptions } from './check-ranking-options.ts'
import { checkUnused } from './check-unused.ts'
import { checkWindowOptions, type WindowOptions } from './check-window-options.ts'
import {
  saveCheckpoint,
  type Progress,
  type Weights,
  type WindowProgress,
  type WindowRecord,
} from './checkpoint.ts'
import { withCheckpointLock } from './checkpoint-lock.ts'
import { fingerprint } from './fingerprint.ts'
import { knownTo } from './known-to.ts'
import { checkpointFiles, pruneCheckpoints } from './kept-checkpoints.ts'
import { listeners } from './listeners.ts'
import { openToResume } from './open-to-resume.ts'
import { schedule } from './schedule.ts'
import { settleUpdates, type SettledUpdates } from './settle-updates.ts'
import { trainEpoch } from './train-epoch.ts'
import type { UpdateRecord } from './training-callback.ts'
import { doneOf, trainingStart } from './training-start.ts'
import { windowOrder, type WindowOrder } from './window-order.ts'
import { windowEngine, type WindowEngine } from './window-engine.ts'
import { averageOverTime, orNothing } from './window-metrics.ts'

/** What came of a run over windows of time. */
export interface FittedOverTime {
  /** Of the last window. */
  readonly model: Model
  /** After the last window. */
  readonly weights: Weights
  readonly windows: readonly WindowRecord[]
  /** The mean of each metric over the windows that have it, each window alike ("average over time"). */
  readonly average: Readonly<Record<string, number>>
}

/**
 * Tests on each window of time, then trains on it: a session is predicted by a model that has seen earlier windows alone. Weights, their averages and the moments of the optimizer carry over from window to window,
 * the schedule of the learning rate begins anew in each (the protocol of Transformers4Rec: de Souza Pereira Moreira et al., RecSys 2021, section 4.3). The last window is trained on, too.
 *
 * `models`: a model; or what gives that of each window, from 0, where the vocabulary grows. The model of a window is then that of the window before with more codes (its workflow was fitted with `extend`):
 * old rows go on, new ones are drawn. Where nothing has changed, give the same model again. A window is tested on before its new codes get their rows: as in a shop, what nobody had clicked is unknown, and as a target a miss.
 * Items of a model with content have an embedding from the start, and are ranked.
 *
 * Between windows, and now and then inside of one, a checkpoint is written; a run that is resumed gives the same as one that was not interrupted, bit for bit.
 *
 * Throws what `train` throws, `OPTION_INVALID` for fewer than two windows, `SHAPE_MISMATCH` for a model that is not the one before, grown. Windows without a session of two known items
 * are left out of training, and of the average.
 */
export async function fitAndEvaluate(
  models: Model | ((window: number) => Model),
  windows: readonly TimeWindow[],
  options: WindowOptions = {},
): Promise<FittedOverTime> {
  const { checkpoint } = checkWindowOptions(windows, options)
  if (checkpoint === undefined) return run(models, windows, options)
  return withCheckpointLock(checkpoint.folder, () => run(models, windows, options))
}

interface Run extends Required<
  Pick<
    WindowOptions,
    'epochs' | 'batchSize' | 'seed' | 'ks' | 'filterSeen' | 'lengthPool' | 'poolSessions' | 'runtime'
  >
> {
  readonly modelOf: (window: number) => Model
  readonly windows: readonly TimeWindow[]
  readonly options: WindowOptions
  readonly updates: SettledUpdates
}

async function run(
  models: Model | ((window: number) => Model),
  windows: readonly TimeWindow[],
  options: WindowOptions,
): Promise<FittedOverTime> {
  const modelOf = (window: number): Model => {
    const model = typeof models === 'function' ? models(window) : models
    checkModel(typeof models === 'function' ? `fitAndEvaluate: window ${window}` : 'fitAndEvaluate', model)
    return model
  }
  const first = modelOf(0)
  // A later window has as many items, or more.
  checkRankingOptions('fitAndEvaluate', options, first)
  const settings: Run = {
    ...{ epochs: 10, batchSize: 128, seed: 1, filterSeen: true, lengthPool: 1, poolSessions: 250_000 },
    ks: [Math.min(20, first.schema.items - RESERVED)],
    runtime: options.runtime ?? nodeRuntime(),
    ...given(options),
    ...{ modelOf, windows, options, updates: settleUpdates(options) },
  }
  const { checkpoint } = options
  if (checkpoint !== undefined) await checkUnused(checkpoint)
  const asked = fingerprintOf(settings, first)
  const told = listeners(options.callbacks ?? [])
  const opened = checkpoint && (await openToResume(checkpoint, asked, 'window'))
  const from: WindowProgress = opened?.progress.windows ?? { done: [], model: 0, start: 0 }
  const engine = windowEngine(settings)
  // How often items were trained on is no part of a checkpoint: a run that goes on counts again.
  for (let window = 0; window <= from.model; window++)
    await engine.count(modelOf(window), async () => (await windows[window]!.read()).train)
  await engine.take(modelOf(from.model))
  const start = { ...START, epoch: 1, update: 0, history: [], evaluations: [], finished: false }
  let progress: WindowedTraining = {
    ...(opened?.progress ?? { ...start, fingerprint: asked, maskState: [...engine.step.maskState] }),
    windows: from,
  }
  try {
    opened?.restore(engine.step.store)
    engine.step.maskState.set(progress.maskState)
    engine.step.push()
    const save = async (next: WindowedTraining): Promise<void> => {
      progress = { ...next, maskState: [...engine.step.maskState] }
      if (checkpoint === undefined) return
      const { folder, keep } = checkpoint
      await engine.step.pull()
      const files = checkpointFiles(progress, keep)
      await saveCheckpoint(folder, progress, engine.step.store, undefined, { files })
      if (keep !== undefined) await pruneCheckpoints(folder, progress, keep)
    }
    await told.start(
      trainingStart({
        ...{ kind: 'windows', model: engine.model, seed: settings.seed, progress, checkpoint },
        options: askedFor(settings),
        resumed: opened !== undefined,
        sizes: { windows: windows.map(({ name }) => name) },
        step: () => engine.step,
      }),
    )
    if (typeof checkpoint?.resume !== 'boolean' || opened === undefined) await save(progress)
    let isStopped = false
    const order = windowOrder()
    const hearUpdate = told.hearUpdates
      ? async (record: UpdateRecord) => (isStopped = await told.update(record))
      : undefined
    for (let at = from.done.length; at < windows.length && !isStopped; at++) {
      const record = await oneWindow(at, {
        ...{ settings, engine, order, hearUpdate, save },
        ...{ isStopped: () => isStopped, progress: () => progress },
      })
      if (record === undefined) break
      isStopped = (await told.window(record)) || isStopped
    }
    await engine.step.pull()
    const { done } = progress.windows
    const weights = Object.fromEntries(
      Object.entries(engine.weights).map(([name, values]) => [name, values.slice()]),
    )
    const average = averageOverTime(done)
    const status = progress.finished ? 'ended' : 'stopped'
    await told.end({ ...doneOf(progress), status, weights, average })
    return { model: engine.model, weights, windows: done, average }
  } catch (error) {
    await told.end({ ...doneOf(progress), status: 'failed', error })
    throw error
  } finally {
    await engine.close()
  }
}

type WindowedTraining = Progress & { readonly windows: WindowProgress }

/** Of an epoch. */
const START = { pool: 0, batch: 0, lossSum: 0, labelSum: 0 } as const

interface Course {
  readonly settings: Run
  readonly engine: WindowEngine
  /** Of windows that are read when their turn comes. */
  readonly order: WindowOrder
  /** Whether a callback has asked for an end. */
  readonly isStopped: () => boolean
  readonly hearUpdate: ((record: UpdateRecord) => Promise<boolean>) | undefined
  readonly progress: () => WindowedTraining
  readonly save: (next: WindowedTraining) => Promise<void>
}

/** Tests on a window, then trains on it, from wherever that stands. Undefined where a callback has stopped inside of it. */
async function oneWindow(at: number, course: Course): Promise<WindowRecord | undefined> {
  const { settings, engine, progress, save } = course
  const { modelOf, windows, epochs } = settings
  const started = performance.now()
  const { train, test } = await windows[at]!.read()
  course.order.add(windows[at]!, windowStarts({ train, test }))
  const { done, start, model: current } = progress().windows
  const next = modelOf(at)
  const grow = async (): Promise<void> => {
    if (current < at) await engine.goOnWith(next, () => Promise.resolve(train))
  }
  for (const sessions of [train, test]) checkFits(next, sessions)
  // What content gives an embedding is there at once; other new rows are as they were drawn until they have been trained.
  if (next.inputs.content !== undefined) await grow()
  const tested =
    progress().windows.tested ??
    (at === 0 ? { tested: 0 } : await testOn(knownTo(engine.model, test), engine))
  if (next.inputs.content === undefined) await grow()
  const under = { ...progress(), windows: { done, model: at, tested, start } }
  const trained = await trainOn(train, at, { ...course, progress: () => under })
  if (trained === undefined) return undefined
  const record: WindowRecord = {
    window: windows[at]!.name,
    ...tested,
    updates: trained.update - start,
    ...(trained.update > start && { loss: trained.lossSum / trained.labelSum }),
    seconds: (performance.now() - started) / 1000,
  }
  await save({
    ...trained,
    ...{ ...START, epoch: (at + 1) * epochs + 1 },
    finished: at + 1 === windows.length,
    windows: { done: [...done, record], model: at, start: trained.update },
  })
  return record
}

async function testOn(
  test: Sessions,
  { step, validator }: WindowEngine,
): Promise<Pick<WindowRecord, 'metrics' | 'tested'>> {
  await step.pull()
  const measured = await orNothing(() => validator.measure(test))
  return measured === undefined ? { tested: 0 } : { metrics: measured.metrics, tested: measured.sessions }
}

/** The epochs of a window that are left; gives where the last one ends, or undefined where a callback has stopped before. */
async function trainOn(
  train: WindowSessions['train'],
  at: number,
  { settings, engine: { model, step }, hearUpdate, isStopped, progress: from, save }: Course,
): Promise<WindowedTraining | undefined> {
  const { batchSize, seed, lengthPool, poolSessions, epochs, options, windows, updates } = settings
  let progress = from()
  const { start } = progress.windows
  const plans = await orNothing(() => {
    checkTargetsThere(model, train)
    return planEpochs(train, {
      ...{ maxLength: model.maxLength, batchSize, seed, lengthPool, poolSessions },
      ...{ swapNoise: model.inputs.swapNoise, accumulate: updates.accumulate },
      ...model.batchRules,
    })
  })
  if (plans === undefined) return progress
  // Epochs are counted over all windows, so that none is shuffled and masked as one before.
  const own = Array.from({ length: epochs }, (_, epoch) => plans.plan(at * epochs + epoch + 1))
  const updatesOf = (some: readonly EpochPlan[]): number =>
    some.reduce((sum, { updates }) => sum + updates, 0)
  const rate = schedule(options.schedule ?? {}, updatesOf(own))
  for (;;) {
    const epoch = progress.epoch - at * epochs
    const { windows: under } = progress
    const trained = await trainEpoch({
      ...{ heads: model.heads, step, plan: own[epoch - 1]!, progress, epochs: (at + 1) * epochs },
      epochStart: start + updatesOf(own.slice(0, epoch - 1)),
      learningRate: updates.learningRate,
      rate: (update) => rate(update - start),
      everySeconds: options.checkpoint?.everySeconds,
      onUpdate:
        hearUpdate &&
        ((record) => {
          const place = { epoch, epochs, window: at + 1, windows: windows.length }
          return hearUpdate({ ...record, ...place })
        }),
      save: (next) => save({ ...next, windows: under }),
    })
    progress = { ...trained, windows: under }
    if (progress.pool < own[epoch - 1]!.pools) return undefined
    if (epoch === epochs) return progress
    progress = { ...progress, ...START, epoch: progress.epoch + 1 }
    await save(progress)
    if (isStopped()) return undefined
  }
}

const given = (options: WindowOptions): Partial<WindowOptions> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const fingerprintOf = (settings: Run, first: Model): string =>
  fingerprint(first, [], {
    ...askedFor(settings),
    windows: settings.windows.map(({ name, digest }) => [name, digest]),
  })

function askedFor({ options, updates, ...settings }: Run): Readonly<Record<string, unknown>> {
  const { epochs, batchSize, seed, ks, filterSeen, lengthPool, poolSessions } = settings
  return {
    ...{ epochs, batchSize, seed, ks, filterSeen, lengthPool, poolSessions },
    ...updates.asked,
    schedule: options.schedule ?? {},
  }
}
