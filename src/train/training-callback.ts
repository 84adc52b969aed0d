import type { ModelDescription } from '../artifact/index.ts'
import type { Best, EpochRecord, EvaluationRecord, Weights, WindowRecord } from './checkpoint.ts'

/**
 * What hears of a training while it goes on: each method may be left out, and may be async, which training waits for. What it is told is told in the order of the methods here, and to
 * one callback after the other in their order.
 *
 * A method that throws ends training with that error. The checkpoint was written before `onEvaluation`, `onEpoch` and `onWindow` are called, so that nothing is lost: a run that is
 * resumed goes on behind it, and `onStart` tells what was done until then. Where `onUpdate` throws, it goes on from the last checkpoint before. Callbacks never change what is trained, not by a bit.
 */
export interface TrainingCallback {
  /** Once, before the first update. */
  onStart?(start: TrainingStart): unknown
  /** After each update; `'stop'` ends training in an orderly way behind it: `train` measures once more where it has validation sessions. */
  onUpdate?(update: UpdateRecord): unknown
  /** After each evaluation on the validation sessions; `'stop'` likewise. Of `train`. */
  onEvaluation?(evaluation: EvaluationRecord): unknown
  /** After each epoch, behind `onEvaluation`; `'stop'` likewise. Of `train`. */
  onEpoch?(epoch: EpochRecord): unknown
  /** After each window of time; `'stop'` likewise. Of `fitAndEvaluate`. */
  onWindow?(window: WindowRecord): unknown
  /** Once, if `onStart` was: also where training fails. An error of it is thrown unless training has failed with another. */
  onEnd?(end: TrainingEnd): unknown
}

/** What is to be trained. JSON-safe but for `readWeights`. */
export interface TrainingStart {
  readonly kind: 'train' | 'windows'
  readonly model: ModelDescription
  readonly parameters: ParameterCounts
  /** Options of the training, with their defaults. */
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly data: TrainingSizes
  /** Updates until the last epoch ends; none where it is not known before, as over windows. */
  readonly updates?: number
  /** SHA-256 of all that the run was asked for: parts, options and data. Two runs of one digest go the same way. */
  readonly digest: string
  /** Whether it was asked to go on from a checkpoint if there is one. */
  readonly resume: boolean
  /** Whether it goes on from one: there was one. It may stand before the first update. */
  readonly resumed: boolean
  /** What was done before, by a run that was ended; `update` is 0 for a run that starts. */
  readonly before: Done
  /** The table of item embeddings among the weights, [codes * width]; none where the model has no such table. */
  readonly itemTable?: { readonly name: string; readonly width: number }
  /** The weights of now, by name: views, to be copied by those who keep them. */
  readWeights(): Promise<Weights>
}

export interface ParameterCounts {
  readonly total: number
  /** Those that are updated: neither given for good nor frozen by `parts`. */
  readonly trained: number
  /** Of the weights in float32. */
  readonly bytes: number
}

/** Of what is trained and validated on. */
export interface TrainingSizes {
  /** SHA-256 of the sessions, shortened, as in the digest of the run. */
  readonly digest: string
  /** Those of the model; of the first window's, where a vocabulary grows. */
  readonly items: number
  readonly sessions?: number
  readonly events?: number
  readonly validationSessions?: number
  readonly windows?: readonly string[]
}

/** What a training has done. */
export interface Done {
  readonly update: number
  readonly epochs: readonly EpochRecord[]
  readonly evaluations: readonly EvaluationRecord[]
  readonly windows: readonly WindowRecord[]
  readonly best?: Best
}

/** An update and where training stands. */
export interface UpdateRecord {
  /** From 1, over all epochs. */
  readonly update: number
  readonly epoch: number
  readonly epochs: number
  /** Updates of this epoch, and how many it has. */
  readonly batch: number
  readonly batches: number
  /** Mean over the labels of the epoch so far, in nats. */
  readonly loss: number
  /** Mean over the labels of this update alone, in nats. */
  readonly updateLoss: number
  /** Of this update, by the schedule; parts may have multiples of it. */
  readonly learningRate: number
  /** Before clipping. */
  readonly gradientNorm: number
  /** Labels a second: events that were predicted. */
  readonly rate: number
  /** Seconds until the last epoch ends, if none is saved by early stopping; of the window, where there are windows. */
  readonly secondsLeft: number
  /** From 1, and how many there are: where training goes over windows. */
  readonly window?: number
  readonly windows?: number
}

/** How a training ended. */
export type TrainingEnd =
  | (Done & {
      /** `stopped`: by a callback. */
      readonly status: 'ended' | 'stopped'
      readonly weights: Weights
      /** Of a run over windows. */
      readonly average?: Readonly<Record<string, number>>
    })
  | (Done & { readonly status: 'failed'; readonly error: unknown })
