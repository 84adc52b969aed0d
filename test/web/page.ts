import { webRuntime } from '../../src/web.ts'
import { runSmallTrainingStep } from './small-training-step.ts'

/** What the test reads: a promise of every output. */
;(globalThis as { results?: Promise<unknown> }).results = runSmallTrainingStep(
  webRuntime({ wasmPaths: '/ort/' }),
)
