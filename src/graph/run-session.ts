import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common'
import { EnsuiteError } from '../errors.ts'
import { emit, graph, type Graph } from './emit.ts'
import { add } from './operators/elementwise.ts'
import type {
  CompileOptions,
  Device,
  DeviceTensor,
  Program,
  Runtime,
  TensorData,
  TensorValues,
} from './runtime.ts'
import { describeNode, input, type Node } from './tensor.ts'

/** What both builds of ONNX Runtime export. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>
  }
  readonly Tensor: TensorConstructor
}

interface BuildOptions {
  readonly session: InferenceSession.SessionOptions
  /** Which devices this build has, in words. */
  readonly has: string
  /** Whether it writes into memory that it is given; onnxruntime-web takes it and leaves it as it was. */
  readonly writesInto: boolean
}

type Handles = WeakMap<DeviceTensor, OrtTensor>

/** The runtime over one build of ONNX Runtime and one set of session options. */
export function createRuntime(
  ort: OnnxRuntime,
  device: Device,
  { session, has, writesInto }: BuildOptions,
): Runtime {
  const handles: Handles = new WeakMap()
  const kept = device === 'webgpu' ? 'gpu-buffer' : 'cpu'

  const open = async (
    bytes: Uint8Array,
    origins: ReadonlyMap<string, Node>,
    keep: readonly string[],
  ): Promise<Program> => {
    const locations = Object.fromEntries(keep.map((name) => [name, kept] as const))
    try {
      const opened = await ort.InferenceSession.create(bytes, {
        ...session,
        ...(keep.length > 0 ? { preferredOutputLocation: locations } : {}),
      })
      return createProgram(ort, opened, { origins, keep, handles, writesInto })
    } catch (cause) {
      await checkDevice()
      throw explain(cause, origins)
    }
  }

  /** Throws when not even the smallest graph starts: then it is the device that fails and not the graph. */
  const checkDevice = async (): Promise<void> => {
    const smallest = emit(graph({ y: add(input('x', 'float32', [1]), 1) })).bytes
    try {
      await (await ort.InferenceSession.create(smallest, session)).release()
    } catch (cause) {
      throw new EnsuiteError(
        'DEVICE_UNAVAILABLE',
        `Device '${device}' cannot start: ${messageOf(cause)}. Install what this names, or use another device: ${has}.`,
        { cause },
      )
    }
  }

  return {
    device,
    compile: async (graph: Graph, options: CompileOptions = {}) => {
      const { keep = [] } = options
      checkNames('keep', keep, Object.keys(graph.outputs))
      const { bytes, origins } = emit(graph, options)
      return open(bytes, origins, keep)
    },
    open: (bytes) => open(bytes, new Map(), []),
  }
}

interface ProgramParts {
  readonly origins: ReadonlyMap<string, Node>
  readonly keep: readonly string[]
  readonly handles: Handles
  readonly writesInto: boolean
}

function createProgram(
  ort: OnnxRuntime,
  session: InferenceSession,
  { origins, keep, handles, writesInto }: ProgramParts,
): Program {
  const toOrt = (name: string, value: TensorData | DeviceTensor): OrtTensor => {
    if (!('kind' in value))
      return new ort.Tensor(value.dtype as 'float32', value.data as Float32Array, value.dims)
    const held = handles.get(value)
    if (held === undefined)
      throw new EnsuiteError(
        'RUNTIME_FAILED',
        `Input '${name}' is a value of another runtime, or was disposed. Read it there and feed the numbers.`,
      )
    return held
  }
  const fromOrt = (value: OrtTensor, data = value.data): TensorData => ({
    dtype: value.type as TensorData['dtype'],
    dims: value.dims,
    data: data as TensorValues,
  })
  const keepOnDevice = (value: OrtTensor): DeviceTensor => {
    const handle: DeviceTensor = {
      kind: 'device',
      dims: value.dims,
      read: async () => fromOrt(value, await value.getData()),
      dispose: () => {
        handles.delete(handle)
        value.dispose()
      },
    }
    handles.set(handle, value)
    return handle
  }
  const call = async (
    feeds: Readonly<Record<string, TensorData | DeviceTensor>>,
    into: Readonly<Record<string, TensorData>>,
  ): Promise<InferenceSession.ReturnType> => {
    const missing = session.inputNames.find((name) => feeds[name] === undefined)
    if (missing !== undefined)
      throw new EnsuiteError(
        'RUNTIME_FAILED',
        `Input '${missing}' is not fed. Expected: ${session.inputNames.join(', ')}.`,
      )
    checkNames('into', Object.keys(into), session.outputNames)
    try {
      const fed = Object.fromEntries(session.inputNames.map((name) => [name, toOrt(name, feeds[name]!)]))
      const fetched = session.outputNames.map((name) => {
        const memory = into[name]
        return [name, memory === undefined || !writesInto ? null : toOrt(name, memory)] as const
      })
      return await session.run(fed, Object.fromEntries(fetched))
    } catch (cause) {
      throw explain(cause, origins)
    }
  }
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    run: async (feeds, into = {}) => {
      const results = Object.entries(await call(feeds, into))
      return Object.fromEntries(
        results.map(([name, value]) => {
          const memory = writesInto ? undefined : into[name]
          return [name, memory === undefined ? fromOrt(value) : copyInto(name, fromOrt(value), memory)]
        }),
      )
    },
    runKeeping: async (feeds) => {
      const results = Object.entries(await call(feeds, {}))
      const [kept, fetched] = [true, false].map((stays) =>
        results.filter(([name]) => keep.includes(name) === stays),
      ) as [typeof results, typeof results]
      return {
        kept: Object.fromEntries(kept.map(([name, value]) => [name, keepOnDevice(value)])),
        outputs: Object.fromEntries(fetched.map(([name, value]) => [name, fromOrt(value)])),
      }
    },
    close: () => session.release(),
  }
}

function copyInto(name: string, { dtype, dims, data }: TensorData, memory: TensorData): TensorData {
  if (dtype !== memory.dtype || dims.join() !== memory.dims.join() || data.length !== memory.data.length)
    throw new EnsuiteError(
      'RUNTIME_FAILED',
      `Output '${name}' is ${dtype}[${dims.join(', ')}], its memory is for ${memory.dtype}[${memory.dims.join(', ')}].`,
    )
  ;(memory.data as Float32Array).set(data as Float32Array)
  return memory
}

function checkNames(where: string, names: readonly string[], outputs: readonly string[]): void {
  const unknown = names.find((name) => !outputs.includes(name))
  if (unknown !== undefined)
    throw new EnsuiteError(
      'GRAPH_INVALID',
      `'${where}' names '${unknown}', which is no output. Outputs: ${outputs.join(', ')}.`,
    )
}

const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')

/** Turns ONNX Runtime's own message into ours: which layer, which line. */
function explain(cause: unknown, origins: ReadonlyMap<string, Node>): EnsuiteError {
  if (cause instanceof EnsuiteError) return cause
  const message = messageOf(cause)
  // Fused nodes carry the names of what they replaced, with more text around: 'matmul_2/MatMulScaleFusion/'.
  const named = /Name:\s*'([^']*)'/.exec(message)?.[1] ?? message
  const words = named.match(/[A-Za-z]+_\d+/g) ?? []
  const found = words.map((word) => origins.get(word)).find((node) => node !== undefined)
  const suspects = found === undefined ? ofType(message, origins) : [found]
  const places = [...new Set(suspects.map(describeNode))]
  const where =
    places.length === 0 ? '' : ` in ${places.length > 1 ? 'one of ' : ''}${places.slice(0, 3).join('; ')}`
  return new EnsuiteError('RUNTIME_FAILED', `ONNX Runtime failed${where}: ${message}.`, { cause })
}

/** The nodes of the type that failed, where a fused node has lost its name: 'SkipLayerNormalization' → layerNorm. */
function ofType(message: string, origins: ReadonlyMap<string, Node>): readonly Node[] {
  const failed = /running (\w+) node/.exec(message)?.[1]
  const types = [...new Set([...origins.values()].map((node) => node.operator.onnx))]
  const type = types.filter((each) => failed?.endsWith(each)).sort((a, b) => b.length - a.length)[0]
  return [...origins.values()].filter((node) => node.operator.onnx === type)
}
