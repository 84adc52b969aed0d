export {
  hasCheckpoint,
  removeCheckpoint,
  type Best,
  type EpochRecord,
  type EvaluationRecord,
  type Weights,
  type WindowRecord,
} from './checkpoint.ts'
export { checkTrainOptions } from './check-options.ts'
export { checkUnused } from './check-unused.ts'
export { withCheckpointLock } from './checkpoint-lock.ts'
export { keptFiles, removeKept } from './kept-checkpoints.ts'
export type { AveragingOptions } from './averaging.ts'
export { optimizerNames, type OptimizerName, type OptimizerOptions } from './optimizers/index.ts'
export type { PartOptions } from './parts.ts'
export { decayKinds, type Decay, type ScheduleOptions } from './schedule.ts'
export { fitAndEvaluate, type FittedOverTime } from './fit-and-evaluate.ts'
export type { WindowOptions } from './check-window-options.ts'
export { train, trainLocked } from './train.ts'
export type { CheckpointOptions, Trained, TrainOptions } from './train-options.ts'
export { checkpointWeights } from './checkpoint-weights.ts'
export { listeners } from './listeners.ts'
export type {
  Done,
  ParameterCounts,
  TrainingCallback,
  TrainingEnd,
  TrainingSizes,
  TrainingStart,
  UpdateRecord,
} from './training-callback.ts'
