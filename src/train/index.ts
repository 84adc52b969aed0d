export { removeCheckpoint, type EpochRecord, type Weights } from './checkpoint.ts'
export type { OptimizerOptions } from './optimizer.ts'
export type { ScheduleOptions } from './schedule.ts'
export {
  train,
  type CheckpointOptions,
  type Trained,
  type TrainingProgress,
  type TrainOptions,
} from './train.ts'
