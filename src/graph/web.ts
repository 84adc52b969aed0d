import * as ort from 'onnxruntime-web'
import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { createRuntime } from './run-session.ts'
import type { Runtime, RuntimeOptions } from './runtime.ts'

export interface WebRuntimeOptions extends RuntimeOptions {
  /** The folder (URL) that serves ONNX Runtime's own `.wasm` files; beside the script by default. */
  readonly wasmPaths?: string
}

/**
 * Runs graphs through `onnxruntime-web`, in a browser or a worker: on `wasm` (the default, one thread) or `webgpu`.
 * `threads` and `wasmPaths` are the page's: ONNX Runtime reads them when its first program is made.
 * Throws `DEVICE_UNAVAILABLE` for a device that a browser does not have, and `OPTION_UNKNOWN` or `OPTION_INVALID` for other options.
 */
export function webRuntime(options: WebRuntimeOptions = {}): Runtime {
  checkOptions('webRuntime', options, ['device', 'threads', 'wasmPaths'])
  const { device = 'wasm', threads = 1, wasmPaths } = options
  const has = 'onnxruntime-web is built for wasm, webgpu'
  if (device !== 'wasm' && device !== 'webgpu')
    throw new EnsuiteError('DEVICE_UNAVAILABLE', `Device '${device}' cannot start: ${has}. Use one of these.`)
  ort.env.wasm.numThreads = threads
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths
  return createRuntime(ort, device, {
    has,
    writesInto: false,
    session: { executionProviders: [device], graphOptimizationLevel: 'all', logSeverityLevel: 4 },
  })
}
