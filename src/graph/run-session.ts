import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common'
import { EnsuiteError } from '../errors.ts'
import { emit, type Graph } from './emit.ts'
import type {
  CompileOptions,
  Device,
  DeviceTensor,
  Program,
  Runtime,
  TensorData,
  TensorValues,
} from './runtime.ts'
import { describeNode, type Node } from './tensor.ts'

/** What both builds of ONNX Runtime export. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>
  }
  readonly Tensor: TensorConstructor
}

/** The runtime over one build of ONNX Runtime and one set of session options. */
export function createRuntime(
  ort: OnnxRuntime,
  device: Device,
  session: InferenceSession.SessionOptions,
): Runtime {
  const open = async (
    bytes: Uint8Array,
    origins: ReadonlyMap<string, Node>,
    keep: readonly string[],
  ): Promise<Program> => {
    const location = Object.fromEntries(
      keep.map((name) => [name, device === 'webgpu' ? ('gpu-buffer' as const) : ('cpu' as const)]),
    )
    try {
      const opened = await ort.InferenceSession.create(bytes, {
        ...session,
        ...(keep.length > 0 ? { preferredOutputLocation: location } : {}),
      })
      return createProgram(ort, opened, origins, keep)
    } catch (cause) {
      throw explain(cause, origins, device)
    }
  }
  return {
    device,
    compile: (graph: Graph, options: CompileOptions = {}) => {
      const { bytes, origins } = emit(graph, options)
      return open(bytes, origins, options.keep ?? [])
    },
    open: (bytes) => open(bytes, new Map(), []),
  }
}

function createProgram(
  ort: OnnxRuntime,
  session: InferenceSession,
  origins: ReadonlyMap<string, Node>,
  keep: readonly string[],
): Program {
  const toOrt = (value: TensorData | DeviceTensor): OrtTensor =>
    'kind' in value
      ? handles.get(value)!
      : new ort.Tensor(value.dtype as 'float32', value.data as Float32Array, value.dims)
  const fromOrt = (value: OrtTensor): TensorData => ({
    dtype: value.type as TensorData['dtype'],
    dims: value.dims,
    data: value.data as TensorValues,
  })
  const handles = new WeakMap<DeviceTensor, OrtTensor>()
  const keepOnDevice = (value: OrtTensor): DeviceTensor => {
    const handle: DeviceTensor = {
      kind: 'device',
      dims: value.dims,
      read: async () => ({
        ...fromOrt(value.location === 'cpu' ? value : value),
        data: (await value.getData()) as TensorValues,
      }),
      dispose: () => value.dispose(),
    }
    handles.set(handle, value)
    return handle
  }
  const call = async (
    feeds: Readonly<Record<string, TensorData | DeviceTensor>>,
    into?: Readonly<Record<string, TensorData>>,
  ): Promise<InferenceSession.ReturnType> => {
    const missing = session.inputNames.find((name) => !(name in feeds))
    if (missing !== undefined)
      throw new EnsuiteError(
        'RUNTIME_FAILED',
        `Input '${missing}' is not fed. Expected: ${session.inputNames.join(', ')}.`,
      )
    const fed = Object.fromEntries(session.inputNames.map((name) => [name, toOrt(feeds[name]!)]))
    try {
      if (into === undefined) return await session.run(fed)
      const fetches = Object.fromEntries(
        session.outputNames.map((name) => [name, into[name] === undefined ? null : toOrt(into[name])]),
      )
      return await session.run(fed, fetches)
    } catch (cause) {
      throw explain(cause, origins)
    }
  }
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    run: async (feeds, into) =>
      Object.fromEntries(
        Object.entries(await call(feeds, into)).map(([name, value]) => [name, fromOrt(value)]),
      ),
    runKeeping: async (feeds) => {
      const results = Object.entries(await call(feeds))
      return {
        kept: Object.fromEntries(
          results.filter(([name]) => keep.includes(name)).map(([name, value]) => [name, keepOnDevice(value)]),
        ),
        outputs: Object.fromEntries(
          results.filter(([name]) => !keep.includes(name)).map(([name, value]) => [name, fromOrt(value)]),
        ),
      }
    },
    close: () => session.release(),
  }
}

/** Turns ONNX Runtime's own message into ours: which layer, which line. */
function explain(cause: unknown, origins: ReadonlyMap<string, Node>, device?: Device): EnsuiteError {
  if (cause instanceof EnsuiteError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  // Fused nodes carry the names of what they replaced, with more text around: 'matmul_2/MatMulScaleFusion/'.
  const named = /Name:\s*'([^']*)'/.exec(message)?.[1] ?? message
  const words = named.match(/[A-Za-z]+_\d+/g) ?? []
  const node = words.map((word) => origins.get(word)).find((found) => found !== undefined)
  if (node === undefined && device !== undefined && device !== 'cpu' && device !== 'wasm') {
    return new EnsuiteError(
      'DEVICE_UNAVAILABLE',
      `Device '${device}' cannot start: ${message} Use device 'cpu', or install what the message names.`,
      { cause },
    )
  }
  return new EnsuiteError(
    'RUNTIME_FAILED',
    `${node === undefined ? 'ONNX Runtime failed' : `ONNX Runtime failed in ${describeNode(node)}`}: ${message}`,
    { cause },
  )
}
