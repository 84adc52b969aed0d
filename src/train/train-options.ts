import type { Sessions } from '../data/index.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import type { AveragingOptions } from './averaging.ts'
import type { Best, EpochRecord, Weights } from './checkpoint.ts'
import type { OptimizerOptions } from './optimizers/index.ts'
import type { PartOptions } from './parts.ts'
import type { ScheduleOptions } from './schedule.ts'
import type { TrainingCallback } from './training-callback.ts'

export interface TrainOptions {
  /** Where the graphs run; `nodeRuntime()` on the CPU unless given. */
  readonly runtime?: Runtime
  /** Sessions whose last event is predicted in each evaluation, by every head. Without them the last epoch's weights are kept. */
  readonly validation?: Sessions
  /** Updates between evaluations, beside the one after each epoch; default none but that. */
  readonly evaluateEvery?: number
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
  /** Evaluations without a better `metric` after which training stops; default 10. */
  readonly patience?: number
  /**
   * The validation metric that chooses the best evaluation: one of ranking such as `mrr@20`, or one of another head such as `price/rmse` (see `HeadResult`). Default `ndcg` at the first of `ks`;
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
  /** What hears of the training, such as `runFolder('runs/first')`, or an object of your own: `{ onEpoch: (record) => console.log(record) }`. */
  readonly callbacks?: readonly TrainingCallback[]
}

export interface CheckpointOptions {
  /** One run at a time uses it: another one is refused meanwhile (`CHECKPOINT_EXISTS`). */
  readonly folder: string
  /** Go on from the checkpoint in the folder, if there is one; or from one that was kept: that of the best evaluation, or of an epoch (of a window, where training goes over windows). */
  readonly resume?: boolean | 'best' | number
  /** How many checkpoints of epochs (of windows) stay, the last ones; that of the best evaluation stays, too. Default none but the one to go on from. */
  readonly keep?: number
  /** Seconds between checkpoints inside an epoch; one is made after every epoch anyway. Default 60. */
  readonly everySeconds?: number
}

export interface Trained {
  readonly model: Model
  /** Of the best evaluation, else where training ended. */
  readonly weights: Weights
  /** The epochs that were trained to their end. */
  readonly history: readonly EpochRecord[]
  readonly best?: Best
}
