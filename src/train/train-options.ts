import type { Sessions } from '../data/index.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import type { EpochRecord, Weights } from './checkpoint.ts'
import type { AveragingOptions } from './averaging.ts'
import type { OptimizerOptions } from './optimizers/index.ts'
import type { PartOptions } from './parts.ts'
import type { ScheduleOptions } from './schedule.ts'

export interface TrainOptions {
  /** Where the graphs run; `nodeRuntime()` on the CPU unless given. */
  readonly runtime?: Runtime
  /** Sessions whose last event is predicted after each epoch, by every head. Without them the last epoch's weights are kept. */
  readonly validation?: Sessions
  /** Most epochs; default 10. */
  readonly epochs?: number
  /** Sessions a batch; default 128. A batch is an update, unless several accumulate. */
  readonly batchSize?: number
  /**
   * Batches an update, in the memory of one; default 1. The loss is the mean over all labels of the batches, as of one larger batch. Not the same as there are random draws, and losses that look at the other
   * sessions of the batch: negatives from it, and what stands in for replaced events. Schedule, checkpoints and records count updates; the last one of an epoch, or of a pool of sessions, may have fewer batches.
   */
  readonly accumulate?: number
  /** Start of every random draw; default 1. */
  readonly seed?: number
  /** Epochs without a better `metric` after which training stops; default 10. */
  readonly patience?: number
  /**
   * The validation metric that chooses the best epoch: one of ranking such as `mrr@20`, or one of another head such as `price/rmse` (see `HeadResult`). Default `ndcg` at the first of `ks`;
   * without an item head the AUC, accuracy or RMSE of the first head.
   */
  readonly metric?: string
  /** Cutoffs of the ranking metrics; default 10, or the size of a smaller catalogue. */
  readonly ks?: readonly number[]
  /** Whether items that a session has had are no candidates in validation; default true. */
  readonly filterSeen?: boolean
  readonly optimizer?: OptimizerOptions
  readonly schedule?: ScheduleOptions
  /** An average of the weights that is validated and returned in their place; default none. */
  readonly averaging?: AveragingOptions
  /** Parameters that are trained at another rate or decay, or not at all; default none. */
  readonly parts?: readonly PartOptions[]
  /** How many batches of sessions are sorted by length together; 1 (the default) for none. */
  readonly lengthPool?: number
  /** Sessions of a prepared folder that are in memory at once; default 250,000. Sessions are shuffled inside such a pool, and the pools differ in each epoch. */
  readonly poolSessions?: number
  readonly checkpoint?: CheckpointOptions
  readonly onProgress?: (progress: TrainingProgress) => void
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>
}

export interface CheckpointOptions {
  /** One run at a time uses it: another one is refused meanwhile (`CHECKPOINT_EXISTS`). */
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
