import os from 'node:os'
import * as ort from 'onnxruntime-node'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { createRuntime } from './run-session.ts'
import type { Device, Runtime, RuntimeOptions } from './runtime.ts'

/** More threads than any machine has cores make ONNX Runtime start for minutes. */
const MOST_THREADS = 256

const providers: Readonly<Record<Exclude<Device, 'wasm'>, string>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  webgpu: 'webgpu',
  coreml: 'coreml',
  directml: 'dml',
}

/**
 * Runs graphs through `onnxruntime-node`. A run blocks the thread it is called on: call it from a worker where that matters.
 * Throws `DEVICE_UNAVAILABLE` for a device that this build or machine does not have, and says which it has, and `OPTION_UNKNOWN` or `OPTION_INVALID` for other options.
 */
export function nodeRuntime(options: RuntimeOptions = {}): Runtime {
  checkOptions('nodeRuntime', options, ['device', 'threads'])
  const { device = 'cpu', threads = os.availableParallelism() } = options
  if (device === 'wasm')
    throw new EnsuiteError(
      'DEVICE_UNAVAILABLE',
      "Device 'wasm' belongs to the browser runtime. Use 'cpu' here.",
    )
  checkNumber('nodeRuntime: threads', threads, { integer: true, min: 1, max: MOST_THREADS })
  const backends = ort.listSupportedBackends().map((backend) => backend.name)
  const available = (Object.keys(providers) as (keyof typeof providers)[]).filter((each) =>
    backends.includes(providers[each]),
  )
  const has = `onnxruntime-node for ${process.platform}-${process.arch} is built for ${available.join(', ')}`
  if (!available.includes(device))
    throw new EnsuiteError('DEVICE_UNAVAILABLE', `Device '${device}' cannot start: ${has}. Use one of these.`)
  return createRuntime(ort, device, {
    has,
    writesInto: true,
    session: {
      executionProviders: [providers[device]],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableCpuMemArena: true,
      enableMemPattern: true,
      logSeverityLevel: 4, // errors come back as exceptions
    },
  })
}
