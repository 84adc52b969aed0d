import {
  planEpochs,
  type EpochPlan,
  type Sessions,
  type TimeWindow,
  type WindowSessions,
} from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { checkFits, checkTargetsThere } from './check-data.ts'
import { checkWindowOptions, type WindowOptions } from './check-window-options.ts'
import {
  openCheckpoint,
  saveCheckpoint,
  type Progress,
  type Weights,
  type WindowProgress,
  type WindowRecord,
} from './checkpoint.ts'
import { withCheckpointLock } from './checkpoint-lock.ts'
import { fingerprint } from './fingerprint.ts'
import { schedule } from './schedule.ts'
import { settleUpdates, type SettledUpdates } from './settle-updates.ts'
import { trainEpoch } from './train-epoch.ts'
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
 * old rows go on, new ones are drawn. Where nothing has changed, give the same model again.
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
  const modelOf = (window: number): Model => (typeof models === 'function' ? models(window) : models)
  const first = modelOf(0)
  const settings: Run = {
    ...{ epochs: 10, batchSize: 128, seed: 1, filterSeen: true, lengthPool: 1, poolSessions: 250_000 },
    ks: [Math.min(20, first.schema.items - RESERVED)],
    runtime: options.runtime ?? nodeRuntime(),
    ...given(options),
    ...{ modelOf, windows, options, updates: settleUpdates(options) },
  }
  const { checkpoint } = options
  const asked = fingerprintOf(settings, first)
  const opened = checkpoint?.resume === true ? await openCheckpoint(checkpoint.folder, asked) : undefined
  const from: WindowProgress = opened?.progress.windows ?? { done: [], model: 0, start: 0 }
  const engine = windowEngine(settings)
  // How often items were trained on is no part of a checkpoint: a run that goes on counts again.
  for (let window = 0; window <= from.model; window++)
    await engine.count(modelOf(window), async () => (await windows[window]!.read()).train)
  await engine.take(modelOf(from.model))
  try {
    opened?.restore(engine.step.store)
    let progress: WindowedTraining = {
      fingerprint: asked,
      ...{ ...START, epoch: 1, update: 0 },
      maskState: [...engine.step.maskState],
      history: [],
      finished: false,
      ...opened?.progress,
      windows: from,
    }
    engine.step.maskState.set(progress.maskState)
    engine.step.push()
    const save = async (next: WindowedTraining): Promise<void> => {
      progress = { ...next, maskState: [...engine.step.maskState] }
      if (checkpoint === undefined) return
      await engine.step.pull()
      await saveCheckpoint(checkpoint.folder, progress, engine.step.store, undefined)
    }
    if (opened === undefined) await save(progress)
    for (let at = from.done.length; at < windows.length; at++) {
      const record = await oneWindow(at, { settings, engine, progress: () => progress, save })
      await options.onWindow?.(record)
    }
    await engine.step.pull()
    const { done } = progress.windows
    const weights = Object.fromEntries(
      Object.entries(engine.weights).map(([name, values]) => [name, values.slice()]),
    )
    return { model: engine.model, weights, windows: done, average: averageOverTime(done) }
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
  readonly progress: () => WindowedTraining
  readonly save: (next: WindowedTraining) => Promise<void>
}

/** Tests on a window, then trains on it, from wherever that stands. */
async function oneWindow(at: number, course: Course): Promise<WindowRecord> {
  const { settings, engine, progress, save } = course
  const { modelOf, windows, epochs } = settings
  const started = performance.now()
  const { train, test } = await windows[at]!.read()
  const { done, start, model: current } = progress().windows
  if (current < at) await engine.goOnWith(modelOf(at), () => Promise.resolve(train))
  for (const sessions of [train, test]) checkFits(engine.model, sessions)
  const tested = progress().windows.tested ?? (at === 0 ? { tested: 0 } : await testOn(test, engine))
  const under = { ...progress(), windows: { done, model: at, tested, start } }
  const trained = await trainOn(train, at, { ...course, progress: () => under })
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
  const metrics = await orNothing(() => validator.measure(test))
  return metrics === undefined ? { tested: 0 } : { metrics, tested: test.count }
}

/** The epochs of a window that are left; gives where the last one ends. */
async function trainOn(
  train: WindowSessions['train'],
  at: number,
  { settings, engine: { model, step }, progress: from, save }: Course,
): Promise<WindowedTraining> {
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
      options: {
        ...(options.checkpoint && { checkpoint: options.checkpoint }),
        onProgress: (training) =>
          options.onProgress?.({ ...training, epoch, epochs, window: at + 1, windows: windows.length }),
      },
      save: (next) => save({ ...next, windows: under }),
    })
    progress = { ...trained, windows: under }
    if (epoch === epochs) return progress
    progress = { ...progress, ...START, epoch: progress.epoch + 1 }
    await save(progress)
  }
}

const given = (options: WindowOptions): Partial<WindowOptions> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

function fingerprintOf(settings: Run, first: Model): string {
  const { epochs, batchSize, seed, ks, filterSeen, lengthPool, poolSessions, options, windows, updates } =
    settings
  return fingerprint(first, [], {
    ...{ epochs, batchSize, seed, ks, filterSeen, lengthPool, poolSessions },
    ...updates.asked,
    schedule: options.schedule ?? {},
    windows: windows.map(({ name, digest }) => [name, digest]),
  })
}
