import type { TimeWindow } from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { checkModel } from '../model/check-model.ts'
import { checkRankingOptions } from './check-ranking-options.ts'
import { checkUnused } from './check-unused.ts'
import { checkWindowOptions, type WindowOptions } from './check-window-options.ts'
import { saveCheckpoint, type Weights, type WindowProgress, type WindowRecord } from './checkpoint.ts'
import { withCheckpointLock } from './checkpoint-lock.ts'
import { fingerprint } from './fingerprint.ts'
import { checkpointFiles, pruneCheckpoints } from './kept-checkpoints.ts'
import { listeners } from './listeners.ts'
import { oneWindow, START, type WindowedTraining, type WindowRun } from './one-window.ts'
import { openToResume } from './open-to-resume.ts'
import { settleUpdates } from './settle-updates.ts'
import type { UpdateRecord } from './training-callback.ts'
import { doneOf, trainingStart } from './training-start.ts'
import { windowOrder } from './window-order.ts'
import { windowEngine } from './window-engine.ts'
import { averageOverTime } from './window-metrics.ts'

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
  const settings: WindowRun = {
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

const given = (options: WindowOptions): Partial<WindowOptions> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const fingerprintOf = (settings: WindowRun, first: Model): string =>
  fingerprint(first, [], {
    ...askedFor(settings),
    windows: settings.windows.map(({ name, digest }) => [name, digest]),
  })

function askedFor({ updates, ...settings }: WindowRun): Readonly<Record<string, unknown>> {
  const { epochs, batchSize, seed, ks, filterSeen, lengthPool, poolSessions } = settings
  return {
    ...{ epochs, batchSize, seed, ks, filterSeen, lengthPool, poolSessions },
    ...updates.asked,
  }
}
