import {
  planEpochs,
  windowStarts,
  type EpochPlan,
  type Sessions,
  type TimeWindow,
  type WindowSessions,
} from '../data/index.ts'
import type { Model } from '../model.ts'
import { checkFits, checkTargetsThere } from './check-data.ts'
import type { WindowOptions } from './check-window-options.ts'
import type { Progress, WindowProgress, WindowRecord } from './checkpoint.ts'
import { knownTo } from './known-to.ts'
import { schedule } from './schedule.ts'
import type { SettledUpdates } from './settle-updates.ts'
import { trainEpoch } from './train-epoch.ts'
import type { UpdateRecord } from './training-callback.ts'
import type { WindowEngine } from './window-engine.ts'
import { orNothing } from './window-metrics.ts'
import type { WindowOrder } from './window-order.ts'

/** A run over windows, its options settled. */
export interface WindowRun extends Required<
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

export type WindowedTraining = Progress & { readonly windows: WindowProgress }

/** Of an epoch. */
export const START = { pool: 0, batch: 0, lossSum: 0, labelSum: 0 } as const

interface Course {
  readonly settings: WindowRun
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
export async function oneWindow(at: number, course: Course): Promise<WindowRecord | undefined> {
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
  const rate = schedule(updates.schedule, updatesOf(own))
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
