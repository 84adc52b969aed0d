import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureFolder, unwritable, writeWhole } from '../artifact/index.ts'
import { encodeDigested } from './checkpoint-digest.ts'
import { isHalfWritten } from './checkpoint-lock.ts'
import type { ParameterStore } from './parameter-store.ts'

/** Where training stands between two updates: all that a resumed run needs to go on bit for bit. JSON-safe. */
export interface Progress {
  /** What was asked for, as text: a run goes on only with the same. */
  readonly fingerprint: string
  readonly epoch: number
  /** Pools done in this epoch, and batches of the pool after them; sessions in memory are one pool. */
  readonly pool: number
  readonly batch: number
  readonly update: number
  /** Σ loss·labels and Σ labels of this epoch so far. */
  readonly lossSum: number
  readonly labelSum: number
  readonly maskState: readonly number[]
  readonly history: readonly EpochRecord[]
  readonly evaluations: readonly EvaluationRecord[]
  /** The best evaluation so far by the watched metric; its weights are in the checkpoint. */
  readonly best?: Best
  readonly finished: boolean
  /** Of a run over windows of time. */
  readonly windows?: WindowProgress
}

/** Where a run over windows of time stands. `epoch` counts over all windows. */
export interface WindowProgress {
  readonly done: readonly WindowRecord[]
  /** The window whose model the checkpoint holds: the one under way, or the one before it. */
  readonly model: number
  /** Of the window that is under way, once it was tested on. */
  readonly tested?: Pick<WindowRecord, 'metrics' | 'tested'>
  /** Updates before the window that is under way. */
  readonly start: number
}

/** What became of one window. */
export interface WindowRecord {
  readonly window: string
  /** Of its sessions, by the model that was trained on the windows before; none of the first window, and where no session can be ranked. */
  readonly metrics?: Readonly<Record<string, number>>
  /** Sessions whose last event was predicted: those with a known event before it. */
  readonly tested: number
  /** Updates of this window; 0 where it has no session to train on. */
  readonly updates: number
  /** Mean over the labels of the last epoch of it, in nats; none where nothing was trained on. */
  readonly loss?: number
  /** Wall time of testing and training. */
  readonly seconds: number
}

export interface EpochRecord {
  readonly epoch: number
  readonly updates: number
  /** Mean over the labels of the epoch, in nats. */
  readonly loss: number
  readonly learningRate: number
  /** Metrics by name: of ranking as `ndcg@10`, of another head as `<head>/<metric>`. One that cannot be told, such as the precision where none is predicted 1, is left out. */
  readonly validation?: Readonly<Record<string, number>>
  /** Wall time of training and of validation. */
  readonly seconds: number
  readonly validationSeconds?: number
}

/** What the validation sessions said of the weights at one time. */
export interface EvaluationRecord {
  /** From 1. */
  readonly evaluation: number
  readonly epoch: number
  /** Updates before it. */
  readonly update: number
  /** Metrics by name, as in `EpochRecord`. */
  readonly validation: Readonly<Record<string, number>>
  /** Whether no evaluation before was as good by the watched metric. */
  readonly isBest: boolean
  /** Wall time of it. */
  readonly seconds: number
}

/** The best evaluation, and the value of the watched metric. */
export interface Best extends Pick<EvaluationRecord, 'evaluation' | 'epoch' | 'update'> {
  readonly metric: number
}

export const FILE = 'checkpoint.safetensors'

/** Copies of the weights of the best evaluation, by parameter name. */
export type Weights = Readonly<Record<string, Float32Array>>

export async function saveCheckpoint(
  folder: string,
  progress: Progress,
  store: ParameterStore,
  best: Weights | undefined,
  { files = [FILE] }: { readonly files?: readonly string[] } = {},
): Promise<void> {
  await ensureFolder(folder)
  const tensors = keptSlots(store).flatMap(
    ({ parameter: { name, shape }, vectors, update, values: { length: size } }) => [
      ...vectors.map(
        // The optimizer may have a number a row.
        ([of, data]) =>
          [`${of}.${name}`, { shape: data.length === size ? shape : [data.length], data }] as const,
      ),
      ...(best === undefined || update === undefined
        ? []
        : [[`best.${name}`, { shape, data: best[name]! }] as const]),
    ],
  )
  const bytes = encodeDigested({
    tensors: Object.fromEntries(tensors),
    metadata: { progress: JSON.stringify(progress) },
  })
  for (const file of files)
    await writeWhole(join(folder, file), bytes).catch((cause: unknown) => {
      throw unwritable(folder, cause instanceof Error ? cause.message : String(cause), cause)
    })
}

/** The parameters that a checkpoint has, and what of them. What no run trains comes from where it came from at the start; what this one does not train alone may have grown with the windows. */
export const keptSlots = ({ slots }: ParameterStore) =>
  slots
    .filter(({ parameter }) => parameter.trainable)
    .map(({ parameter, update, values, states, average }) => ({
      ...{ parameter, update, values },
      vectors: Object.entries({ value: values, ...states, ...(average && { average }) }),
    }))

/** Whether a run that was ended left a checkpoint in the folder. */
export const hasCheckpoint = async (folder: string): Promise<boolean> =>
  (await stat(join(folder, FILE)).catch(() => undefined)) !== undefined

/** Removes the checkpoint, what killed runs left of one half-written, and the folder where nothing else is in it: the lock of the run is, and what is kept. */
export async function removeCheckpoint(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  for (const name of names)
    if (name === FILE || isHalfWritten(name)) await rm(join(folder, name), { recursive: true, force: true })
  await rmdir(folder).catch(() => undefined)
}
