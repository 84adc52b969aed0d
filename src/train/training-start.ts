import { createHash } from 'node:crypto'
import { describeModel } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import { isSource, type Sessions, type SessionSource } from '../data/index.ts'
import type { Model } from '../model.ts'
import type { CheckpointOptions } from './train-options.ts'
import type { Progress, Weights } from './checkpoint.ts'
import { weightsOf, type ParameterStore } from './parameter-store.ts'
import type { TrainingStep } from './step.ts'
import type { Done, ParameterCounts, TrainingSizes, TrainingStart } from './training-callback.ts'

const ITEM_TABLE = 'item.weight'

export interface StartOptions extends Pick<TrainingStart, 'kind' | 'options' | 'seed' | 'resumed'> {
  readonly model: Model
  readonly progress: Progress
  readonly checkpoint: CheckpointOptions | undefined
  readonly sizes: Omit<TrainingSizes, 'digest' | 'items'>
  readonly updates?: number
  /** The step that trains now. */
  readonly step: () => TrainingStep
}

/** What callbacks are told before the first update. */
export function trainingStart({
  model,
  progress,
  checkpoint,
  sizes,
  step,
  ...rest
}: StartOptions): TrainingStart {
  const { fingerprint } = progress
  const { data, windows } = JSON.parse(fingerprint) as { readonly data: string; readonly windows?: unknown }
  // Windows have digests of their own, and nothing else is trained on.
  const ofData = windows === undefined ? data : sha256(JSON.stringify(windows)).slice(0, data.length)
  const table = model.parameters.find(({ name }) => name === ITEM_TABLE)
  return {
    ...rest,
    model: describeModel(model),
    parameters: parameterCounts(step().store),
    data: { digest: ofData, items: model.schema.items - RESERVED, ...sizes },
    digest: sha256(fingerprint),
    resume: checkpoint?.resume !== undefined && checkpoint.resume !== false,
    before: doneOf(progress),
    ...(table && { itemTable: { name: ITEM_TABLE, width: table.shape[1]! } }),
    readWeights: async (): Promise<Weights> => {
      const now = step()
      await now.pull()
      return weightsOf(now.store)
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const doneOf = ({ update, history, evaluations, windows, best }: Progress): Done => ({
  update,
  epochs: history,
  evaluations,
  windows: windows?.done ?? [],
  ...(best && { best }),
})

/** Frozen parts are not trained, though the model's description says that they may be. */
function parameterCounts({ slots }: ParameterStore): ParameterCounts {
  const count = (some: ParameterStore['slots']): number =>
    some.reduce((sum, { values }) => sum + values.length, 0)
  const total = count(slots)
  return { total, trained: count(slots.filter(({ update }) => update !== undefined)), bytes: 4 * total }
}

/** How many sessions there are, and events of them where they are in memory. */
export const sizesOf = (
  data: Sessions | SessionSource,
  validation: Sessions | undefined,
): Omit<TrainingSizes, 'digest' | 'items'> => ({
  ...(isSource(data)
    ? { sessions: data.blocks.reduce((sum, { sessions }) => sum + sessions, 0) }
    : { sessions: data.count, events: data.items.length }),
  ...(validation && { validationSessions: validation.count }),
})
