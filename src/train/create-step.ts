import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import { createDeviceStep } from './device-step.ts'
import { createTrainingStep, type StepOptions, type TrainingStep } from './step.ts'

/** The training step for where the runtime runs: kernels update the parameters on the CPU, the graph itself elsewhere. */
export function createStep(model: Model, runtime: Runtime, options: StepOptions): Promise<TrainingStep> {
  return runtime.device === 'cpu'
    ? createTrainingStep(model, runtime, options)
    : createDeviceStep(model, runtime, options)
}
