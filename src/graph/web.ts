import * as ort from 'onnxruntime-web'
import { createRuntime } from './run-session.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'

/**
 * Runs graphs through `onnxruntime-web`, in a browser or a worker.
 * `wasmPaths`: the folder (URL) that serves ONNX Runtime's own `.wasm` files; beside the script by default.
 */
export function webRuntime(options: RuntimeOptions & { readonly wasmPaths?: string } = {}): Runtime {
  const { device = 'wasm', threads = 1, wasmPaths } = options
  ort.env.wasm.numThreads = threads
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths
  return createRuntime(ort, device, {
    executionProviders: [device === 'webgpu' ? 'webgpu' : 'wasm'],
    graphOptimizationLevel: 'all',
  })
}
