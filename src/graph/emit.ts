import { EnsuiteError } from '../errors.ts'
import { bind, formatShape, product, symbols, terms, type Dim, type Shape } from './dims.ts'
import {
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-schema.ts'
import {
  inputName,
  isConstant,
  isInput,
  topological,
  type DType,
  type Emitter,
  type Node,
  type OnnxValueOf,
  type Tensor,
} from './tensor.ts'

/** A closed graph: what is fed, what is fetched. */
export interface Graph {
  readonly inputs: readonly Tensor[]
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly nodes: readonly Node[]
}

/** Closes a graph over its named outputs. Inputs are found by walking; two inputs of one name are an error. */
export function graph(outputs: Readonly<Record<string, Tensor>>): Graph {
  if (Object.keys(outputs).length === 0)
    throw new EnsuiteError('GRAPH_INVALID', 'A graph needs at least one output.')
  const nodes = topological(Object.values(outputs))
  const inputs = nodes.flatMap((node) => node.outputs.filter(isInput))
  const names = inputs.map(inputName)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw new EnsuiteError('GRAPH_INVALID', `Two inputs are called '${twice}'. Give each a name of its own.`)
  const clash = Object.keys(outputs).find((name) => names.includes(name))
  if (clash !== undefined)
    throw new EnsuiteError('GRAPH_INVALID', `'${clash}' names an input and an output. Rename the output.`)
  return { inputs, outputs, nodes }
}

export interface EmitOptions {
  /** Numbers for symbolic sizes; what is left out stays symbolic. */
  readonly sizes?: Readonly<Record<string, number>>
  /** Values for inputs that become part of the file, by input name. */
  readonly weights?: Readonly<Record<string, Float32Array>>
  /** `float64` writes every float32 as double: for checking gradients. */
  readonly float?: 'float32' | 'float64'
  readonly metadata?: Readonly<Record<string, string>>
}

export interface Emitted {
  readonly bytes: Uint8Array
  /** ONNX node name → the node that made it, so that a failure can be traced back. */
  readonly origins: ReadonlyMap<string, Node>
}

/** ONNX 1.13: the newest operator set that every execution provider implements as a whole. */
const OPSET = 18n
const IR_VERSION = 8n

/** Writes a graph as an ONNX file. Only standard operators are used. */
export function emit(graph: Graph, options: EmitOptions = {}): Emitted {
  const { sizes = {}, weights = {}, float = 'float32', metadata } = options
  const rootNodes: OnnxNode[] = []
  /** Where nodes go: to the graph, or to a body inside it. */
  let nodes = rootNodes
  /** Of all nodes, those of bodies too: a body sees the names outside, and must not have one of them. */
  let count = 0
  const initializers = new Map<string, OnnxTensor>()
  const origins = new Map<string, Node>()
  const names = new Map<Tensor, string>()
  const shapes = new Map<string, string>()
  let current: Node | undefined

  const elemType = (dtype: DType): number =>
    ({ float32: float === 'float64' ? 11 : 1, int32: 6, int64: 7, bool: 9 })[dtype]
  const initializer = (
    name: string,
    dims: readonly number[],
    dtype: DType,
    values: ArrayLike<number>,
  ): string => {
    initializers.set(name, {
      name,
      dims: dims.map(BigInt),
      dataType: elemType(dtype),
      rawData: rawBytes(values, dtype, float),
    })
    return name
  }
  const outputOf = new Map(Object.entries(graph.outputs).map(([name, tensor]) => [tensor, name]))

  const emitter: Emitter = {
    name: (tensor) => {
      const known = names.get(tensor)
      if (known === undefined)
        throw new EnsuiteError('GRAPH_INVALID', `${tensor.node.operator.name} is used before it is made.`)
      return known
    },
    add: (opType, inputs, attributes = {}, outputs) => {
      const name = `${current === undefined ? 'shape' : current.operator.name}_${count++}`
      const made = outputs ?? [`${name}.out`]
      nodes.push({
        name,
        opType,
        input: inputs,
        output: made,
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      })
      if (current !== undefined) origins.set(name, current)
      return made
    },
    int64: (values) => {
      const name = `i64(${values.join(',')})`
      return initializers.has(name) ? name : initializer(name, [values.length], 'int64', values)
    },
    scalar: (value, dtype) => {
      const name = `${dtype}(${value})`
      return initializers.has(name) ? name : initializer(name, [], dtype, [value])
    },
    shape: (dims) => {
      const bound = dims.map((dim) => bind(dim, sizes))
      if (bound.every((dim) => typeof dim === 'number')) return emitter.int64(bound)
      const key = bound.join(',')
      const known = shapes.get(key)
      if (known !== undefined) return known
      // Sizes are the same at every step of a body: they are computed outside.
      const made = within(rootNodes, () => {
        const parts = bound.map(sizeOf)
        return parts.length === 1 ? parts[0]! : emitter.add('Concat', parts, { axis: 0 })[0]!
      })
      shapes.set(key, made)
      return made
    },
    bind: (dims) => dims.map((dim) => bind(dim, sizes)),
    body: ({ inputs, outputs }, bound) => {
      const own: OnnxNode[] = []
      const free = inputs.length - bound.length
      const inputNames = inputs.map((_, at) => (at < free ? `body_${count++}` : bound[at - free]!))
      for (const [at, each] of inputs.entries()) names.set(each, inputNames[at]!)
      const outer = current
      const outputNames = within(own, () => {
        for (const node of topological(outputs)) if (!node.outputs.some(isInput)) emitNode(node)
        current = undefined
        const taken = new Set<string>()
        return outputs.map((output) => {
          const name = emitter.name(output)
          const isOwn = own.some((node) => node.output.includes(name)) && !taken.has(name)
          taken.add(name)
          return isOwn ? name : emitter.add('Identity', [name])[0]!
        })
      })
      current = outer
      return {
        name: `body_${count++}`,
        node: own,
        input: inputs.slice(0, free).map((each, at) => value(inputNames[at]!, each)),
        output: outputs.map((each, at) => value(outputNames[at]!, each)),
      }
    },
    dtype: elemType,
  }

  function within<Result>(list: OnnxNode[], make: () => Result): Result {
    const before = nodes
    nodes = list
    try {
      return make()
    } finally {
      nodes = before
    }
  }

  /** A 1-element int64 value that holds one size, read off an input that has it. */
  const fed = graph.inputs.filter((each) => weights[inputName(each)] === undefined)
  const sizeOf = (dim: Dim): string => {
    if (typeof dim === 'number') return emitter.int64([dim])
    const known = shapes.get(dim)
    if (known !== undefined) return known
    let made: string
    const source = fed.find((each) => emitter.bind(each.shape).includes(dim))
    if (source !== undefined) {
      const axis = emitter.bind(source.shape).indexOf(dim)
      made = emitter.add('Shape', [inputName(source)], { start: axis, end: axis + 1 })[0]!
    } else if (symbols(dim).some((name) => name !== dim)) {
      const combine = (opType: string, parts: readonly string[]): string =>
        parts.reduce((left, right) => emitter.add(opType, [left, right])[0]!)
      const parts = terms(dim).map(({ coefficient, names: factors }) => {
        const scale = coefficient === 1 && factors.length > 0 ? [] : [coefficient]
        return combine('Mul', [...factors, ...scale].map(sizeOf))
      })
      made = combine('Add', parts)
    } else {
      throw new EnsuiteError(
        'GRAPH_INVALID',
        `The size '${dim}' is needed but no input has an axis of that size. Inputs: ${fed.map((each) => `${inputName(each)} ${formatShape(each.shape)}`).join(', ')}.`,
      )
    }
    shapes.set(dim, made)
    return made
  }

  const value = (name: string, tensor: Tensor): OnnxValue => ({
    name,
    type: {
      tensorType: {
        elemType: elemType(tensor.dtype),
        shape: {
          dim: emitter
            .bind(tensor.shape)
            .map((dim) => (typeof dim === 'number' ? { dimValue: BigInt(dim) } : { dimParam: dim })),
        },
      },
    },
  })
  function emitNode(node: Node): void {
    current = node
    if (node.outputs.some(isConstant)) {
      const tensor = node.outputs[0]!
      names.set(
        tensor,
        initializer(
          `constant_${initializers.size}`,
          tensor.shape as readonly number[],
          tensor.dtype,
          node.attributes['values'] as readonly number[],
        ),
      )
      return
    }
    const inputs = node.inputs.map((each) => emitter.name(each))
    if (node.operator.onnx === '') {
      // A node that computes nothing (a custom gradient, a stopped gradient): its first output is its first input.
      names.set(node.outputs[0]!, inputs[0]!)
      return
    }
    const outputs = node.outputs.map((tensor) => {
      const name =
        outputOf.get(tensor) ??
        `${node.operator.name}_${count++}${node.outputs.length > 1 ? `.${tensor.index}` : ''}`
      names.set(tensor, name)
      return name
    })
    if (node.operator.emit === undefined) emitter.add(node.operator.onnx, inputs, {}, outputs)
    else node.operator.emit(emitter, node, inputs, outputs)
  }

  for (const node of graph.nodes) {
    if (node.outputs.some(isInput)) {
      const tensor = node.outputs[0]!
      const name = inputName(tensor)
      names.set(tensor, name)
      const values = weights[name]
      if (values === undefined) continue
      const expected = elements(tensor.shape, sizes)
      if (tensor.dtype !== 'float32' || values.length !== expected)
        throw new EnsuiteError(
          'GRAPH_INVALID',
          `The weights of '${name}' should be ${expected} ${tensor.dtype} values, received ${values.length} float32 values.`,
        )
      initializer(name, emitter.bind(tensor.shape) as readonly number[], 'float32', values)
      continue
    }
    emitNode(node)
  }
  current = undefined
  // Outputs that alias an input, a constant or another output get a node of their own.
  const made = new Set(nodes.flatMap((node) => node.output))
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    if (!made.has(name)) emitter.add('Identity', [emitter.name(tensor)], {}, [name])
  }

  const bytes = encodeModel({
    irVersion: IR_VERSION,
    producerName: 'ensuite',
    opsetImport: [{ domain: '', version: OPSET }],
    ...(metadata === undefined
      ? {}
      : { metadataProps: Object.entries(metadata).map(([key, text]) => ({ key, value: text })) }),
    graph: {
      name: 'ensuite',
      node: nodes,
      initializer: [...initializers.values()],
      input: fed.map((each) => value(inputName(each), each)),
      output: Object.entries(graph.outputs).map(([name, tensor]) => value(name, tensor)),
    },
  })
  return { bytes, origins }
}

function attribute(name: string, value: OnnxValueOf): OnnxAttribute {
  if (typeof value === 'number') return { name, type: 2, i: BigInt(value) }
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: 1, f: value.float }
  if ('rawData' in value) return { name, type: 4, t: value }
  if ('node' in value) return { name, type: 5, g: value }
  return { name, type: 7, ints: value.map(BigInt) }
}

function rawBytes(values: ArrayLike<number>, dtype: DType, float: 'float32' | 'float64'): Uint8Array {
  const whole = (array: ArrayBufferView): Uint8Array =>
    new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength)
  if (dtype === 'int64') return whole(BigInt64Array.from(Array.from(values), BigInt))
  if (dtype === 'int32') return whole(Int32Array.from(values))
  if (dtype === 'bool') return Uint8Array.from(values)
  if (float === 'float64') return whole(Float64Array.from(values))
  return whole(values instanceof Float32Array ? values : Float32Array.from(values))
}

/** The number of elements once every size is known. */
export function elements(shape: Shape, sizes: Readonly<Record<string, number>>): number {
  const size = bind(product(shape), sizes)
  if (typeof size !== 'number')
    throw new EnsuiteError('GRAPH_INVALID', `The size '${size}' is not known. Bind it with 'sizes'.`)
  return size
}
