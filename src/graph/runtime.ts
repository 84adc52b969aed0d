import type { EmitOptions, Graph } from './emit.ts'
import type { DType } from './tensor.ts'

export type Device = 'cpu' | 'cuda' | 'webgpu' | 'coreml' | 'directml' | 'wasm'

export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array

/** Values that are fed or fetched: row-major, dims as numbers. Views keep their offset; memory must not be shared. */
export interface TensorData {
  readonly dtype: DType | 'float64'
  readonly dims: readonly number[]
  readonly data: TensorValues
}

/** A value that stayed on the device; it can be fed to any program of the same runtime. */
export interface DeviceTensor {
  readonly kind: 'device'
  readonly dims: readonly number[]
  read(): Promise<TensorData>
  dispose(): void
}

export interface CompileOptions extends EmitOptions {
  /** Outputs that stay on the device. Ignored by nothing: on the CPU they are ordinary memory behind the same handle. */
  readonly keep?: readonly string[]
}

/** A graph made ready to run. */
export interface Program {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /**
   * Runs once. `into` gives memory for outputs of known shape: they are written there and not allocated.
   * Throws `RUNTIME_FAILED` naming the scope path and source line of the node that failed.
   */
  run(
    feeds: Readonly<Record<string, TensorData | DeviceTensor>>,
    into?: Readonly<Record<string, TensorData>>,
  ): Promise<Readonly<Record<string, TensorData>>>
  /** As `run`, for programs compiled with `keep`: kept outputs come back as handles. */
  runKeeping(feeds: Readonly<Record<string, TensorData | DeviceTensor>>): Promise<{
    readonly kept: Readonly<Record<string, DeviceTensor>>
    readonly outputs: Readonly<Record<string, TensorData>>
  }>
  close(): Promise<void>
}

/** Where graphs run. The two implementations are `node.ts` and `web.ts`. */
export interface Runtime {
  readonly device: Device
  compile(graph: Graph, options?: CompileOptions): Promise<Program>
  /** Opens an ONNX file that was written before. From bytes, so that it can name no other file. */
  open(bytes: Uint8Array): Promise<Program>
}

export interface RuntimeOptions {
  readonly device?: Device
  /** Threads inside an operator; the number of cores by default. */
  readonly threads?: number
}
