export { readRun, type Run } from './read-run.ts'
export { checkNoRun } from './run-events.ts'
export {
  compareEvaluations,
  rankedEvaluation,
  windowsEvaluation,
  writeEvaluation,
  type RankedEvaluation,
} from './run-evaluation.ts'
export { runFolder, type RunFolderOptions } from './run-folder.ts'
export type { Figure, RunEvaluation, RunEvent, RunRecord } from './run-schemas.ts'
export { tensorBoard, type TensorBoardOptions } from './tensorboard/tensorboard.ts'
export { mlflow, type MlflowOptions } from './mlflow/mlflow.ts'
