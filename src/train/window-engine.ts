import type { Sessions, SessionSource } from '../data/index.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { carryOver } from './carry-over.ts'
import type { Weights } from './checkpoint.ts'
import { closeAll, closingOnError } from './close-all.ts'
import { createStep } from './create-step.ts'
import { weightsOf } from './parameter-store.ts'
import type { ItemCounts } from './random-draws.ts'
import type { TrainingStep } from './step.ts'
import type { SettledUpdates } from './settle-updates.ts'
import { addCounts, targetCounts } from './target-counts.ts'
import { createValidator, type Validator } from './validate.ts'

/** What trains and tests the model of one window after another. */
export interface WindowEngine {
  readonly model: Model
  readonly step: TrainingStep
  readonly validator: Validator
  /** Of the step, as it trains them, or their averages. */
  readonly weights: Weights
  /** Counts the items of a window that is trained on, where a loss asks for it. */
  count(model: Model, read: () => Promise<Sessions | SessionSource>): Promise<void>
  /** Starts with a model. */
  take(model: Model): Promise<void>
  /** Goes on with the model of the next window where that is another one, or where its items have to be counted. Throws `SHAPE_MISMATCH`. */
  goOnWith(model: Model, read: () => Promise<Sessions | SessionSource>): Promise<void>
  close(): Promise<void>
}

export interface EngineOptions {
  readonly runtime: Runtime
  readonly seed: number
  readonly batchSize: number
  readonly ks: readonly number[]
  readonly filterSeen: boolean
  readonly updates: SettledUpdates
}

interface Parts extends Pick<WindowEngine, 'model' | 'step' | 'validator' | 'weights'> {
  readonly close: () => Promise<void>
}

export function windowEngine(options: EngineOptions): WindowEngine {
  const { runtime, seed, batchSize, ks, filterSeen, updates } = options
  let counts: ItemCounts | undefined
  let current: Parts | undefined
  const partsOf = async (model: Model): Promise<Parts> => {
    const sizes = { maxRows: batchSize, maxTime: model.places }
    const step = await createStep(model, runtime, {
      ...{ ...sizes, itemCounts: counts, seed },
      ...{ plan: updates.planFor(model), accumulate: updates.accumulate },
    })
    const weights = weightsOf(step.store)
    const items = model.schema.items - RESERVED
    const validator = await closingOnError(step, () =>
      createValidator(model, weights, { runtime, items, filterSeen, ks }),
    )
    return { model, step, validator, weights, close: () => closeAll(validator, step) }
  }
  const now = (): Parts => current!
  return {
    get model() {
      return now().model
    },
    get step() {
      return now().step
    },
    get validator() {
      return now().validator
    },
    get weights() {
      return now().weights
    },
    count: async (model, read) => {
      counts = addCounts(counts, await targetCounts(model, read))
    },
    take: async (model) => {
      current = await partsOf(model)
    },
    goOnWith: async (model, read) => {
      const more = await targetCounts(model, read)
      counts = addCounts(counts, more)
      if (model === now().model && more === undefined) return
      const [before, next] = [now(), await partsOf(model)]
      await closingOnError(next, () => carryOver(before.step, next.step))
      current = next
      await before.close()
    },
    close: async () => current?.close(),
  }
}
