import { EnsuiteError } from '../errors.ts'
import { canonical, formatShape, type Shape } from './dims.ts'
import type { OnnxGraph, OnnxTensor } from './onnx-schema.ts'

export type DType = 'float32' | 'int32' | 'int64' | 'bool'

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** A value in a graph. It owns no memory: it knows its type and the node that makes it. */
export interface Tensor extends TensorType {
  readonly node: Node
  /** Which of the node's outputs this is. */
  readonly index: number
}

export type Attribute =
  number | string | boolean | readonly number[] | ArrayBufferView | Shape | GradientRule | Body

/** A graph inside a node, which runs at every step: what it is given, and what it gives. */
export interface Body {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

export type Attributes = Readonly<Record<string, Attribute>>

export interface Node {
  readonly operator: Operator
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  readonly outputs: readonly Tensor[]
  /** Where it was made, for error messages. A gradient's nodes point to the forward node they belong to. */
  readonly made: { readonly trace: Error; origin?: Node }
}

/** Gradients of the outputs in (undefined where none flows), gradients of the inputs out (undefined where none is wanted). */
export type GradientRule = (
  node: Node,
  outputs: readonly (Tensor | undefined)[],
) => readonly (Tensor | undefined)[]

/** One record an operator. A record without a gradient rule does not compile; `'none'` says that there is none by nature. */
export interface Operator {
  readonly name: string
  /** The ONNX operator; empty for what is no node of its own. */
  readonly onnx: string
  readonly infer: (inputs: readonly Tensor[], attributes: Attributes) => readonly TensorType[]
  readonly gradient: GradientRule | 'none'
  /** How attributes become ONNX attributes or extra inputs, where that is more than the inputs alone. */
  readonly emit?: EmitNode
}

/** What an operator's own `emit` may call. Names are ONNX value names. */
export interface Emitter {
  name(tensor: Tensor): string
  /** Adds a node and returns its output names (`outputs` to bind them to tensors). */
  add(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxValueOf>>,
    outputs?: readonly string[],
  ): readonly string[]
  int64(values: readonly number[]): string
  scalar(value: number, dtype: DType): string
  /** A 1-D int64 value that holds the sizes; fixed where they are known, computed where they are not. */
  shape(dims: Shape): string
  bind(dims: Shape): Shape
  /** A body as a graph of its own. `bound`: the values outside that its last inputs are; the others are its inputs. */
  body(body: Body, bound: readonly string[]): OnnxGraph
  dtype(dtype: DType): number
}
export type OnnxValueOf =
  number | string | readonly number[] | { readonly float: number } | OnnxTensor | OnnxGraph
export type EmitNode = (
  emitter: Emitter,
  node: Node,
  inputs: readonly string[],
  outputs: readonly string[],
) => void

/** Makes a node, checks its shapes, and returns its outputs. */
export function apply(
  operator: Operator,
  inputs: readonly Tensor[],
  attributes: Attributes = {},
): readonly Tensor[] {
  const types = operator.infer(inputs, attributes)
  const outputs: Tensor[] = []
  const node: Node = { operator, inputs, attributes, outputs, made: { trace: trace() } }
  for (const [index, type] of types.entries()) outputs.push(Object.freeze({ ...type, node, index }))
  return Object.freeze(outputs)
}

export function applyOne(operator: Operator, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
  return apply(operator, inputs, attributes)[0]!
}

/** This folder, as a stack trace writes it: as a URL or as a path. */
const here = new URL('.', import.meta.url).href
const ownFolders = [here, decodeURI(here.replace('file://', ''))]
/** The place at the end of a line of a stack trace; lines of built-in functions have none. */
const PLACE = /(?:\(|@|at (?:async )?)((?:file:|https?:|\/|[a-z]:\\).*:\d+:\d+)\)?$/i
/** The graph's own calls may stand deeper than the ten lines that V8 keeps. */
const TRACE_LINES = 30

/** The call stack, kept as an error because its text is slow to make and seldom read. */
function trace(): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = TRACE_LINES
  const made = new Error()
  Error.stackTraceLimit = limit
  return made
}

/** The first line of a call stack outside the graph's own operators. */
function sourceLine({ stack = '' }: Error): string {
  const places = stack.split('\n').flatMap((line) => PLACE.exec(line)?.[1] ?? [])
  const outside = (place: string): boolean =>
    place.includes('.test.') || !ownFolders.some((folder) => place.startsWith(folder))
  return (places.find(outside) ?? places.at(-1) ?? 'an unknown place').replace('file://', '')
}

/** The parameters nearest above a tensor: their common path says in which layer it stands. */
export function scopeOf(tensors: readonly Tensor[]): string {
  const seen = new Set<Node>()
  let level = tensors.map((tensor) => tensor.node)
  for (let depth = 0; depth < 12 && level.length > 0; depth++) {
    const parameter = level.find(
      (node) => node.operator.name === 'input' && node.attributes['role'] === 'parameter',
    )
    if (parameter !== undefined) return inputName(parameter.outputs[0]!).replace(/\.(weight|bias)$/, '')
    level = level
      .filter((node) => !seen.has(node))
      .flatMap((node) => {
        seen.add(node)
        return node.inputs.map((each) => each.node)
      })
  }
  return 'the graph'
}

/** Where a node stands, in words: scope path, operator, source line. */
export function describeNode(node: Node): string {
  const forward = node.made.origin ?? node
  const what = `${forward.operator.name}(${describeTypes(forward.inputs)}) in '${scopeOf(forward.inputs)}'`
  return `${forward === node ? '' : 'the gradient of '}${what}, made at ${sourceLine(forward.made.trace)}`
}

const describeTypes = (tensors: readonly Tensor[]): string =>
  tensors.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`).join(', ')

export function shapeError(operator: string, inputs: readonly Tensor[], reason: string): EnsuiteError {
  return new EnsuiteError(
    'SHAPE_MISMATCH',
    `${operator} in '${scopeOf(inputs)}' ${reason}; received ${describeTypes(inputs)}. Made at ${sourceLine(trace())}.`,
  )
}

/** The axis counted from the start; negative ones count from the end. */
export function axisOf(operator: string, x: Tensor, axis: number): number {
  const rank = x.shape.length
  const at = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= rank) throw shapeError(operator, [x], `has no axis ${axis}`)
  return at
}

const inputOperator: Operator = {
  name: 'input',
  onnx: '',
  infer: (_, attributes) => [{ dtype: attributes['dtype'] as DType, shape: attributes['shape'] as Shape }],
  gradient: 'none',
}

/** A placeholder that is fed at every run. `role` tells parameters (which are differentiated) from the rest. */
export function input(
  name: string,
  dtype: DType,
  shape: Shape,
  role: 'data' | 'parameter' | 'random' = 'data',
): Tensor {
  return applyOne(inputOperator, [], { name, dtype, shape: shape.map(canonical), role })
}

/** The name that an `input` was given. */
export function inputName(tensor: Tensor): string {
  if (tensor.node.operator !== inputOperator)
    throw new EnsuiteError('GRAPH_INVALID', `Expected an input, received ${tensor.node.operator.name}.`)
  return tensor.node.attributes['name'] as string
}

export function isInput(tensor: Tensor): boolean {
  return tensor.node.operator === inputOperator
}

const constantOperator: Operator = {
  name: 'constant',
  onnx: '',
  infer: (_, attributes) => [{ dtype: attributes['dtype'] as DType, shape: attributes['shape'] as Shape }],
  gradient: 'none',
}

/** Values that are part of the graph. `values` in row-major order. */
export function constant(
  values: number | readonly number[],
  shape: readonly number[] = [],
  dtype: DType = 'float32',
): Tensor {
  const flat = typeof values === 'number' ? [values] : values
  const size = shape.reduce((all, dim) => all * dim, 1)
  if (flat.length !== size)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `A constant of shape ${formatShape(shape)} needs ${size} values, received ${flat.length}.`,
    )
  return applyOne(constantOperator, [], { values: flat, shape, dtype })
}

export function isConstant(tensor: Tensor): boolean {
  return tensor.node.operator === constantOperator
}

/** Every node that `outputs` need, each after its inputs. */
export function topological(outputs: readonly Tensor[]): readonly Node[] {
  const order: Node[] = []
  const state = new Map<Node, 'open' | 'done'>()
  const stack: (readonly [Node, boolean])[] = outputs.map((output) => [output.node, false] as const).reverse()
  while (stack.length > 0) {
    const [node, leaving] = stack.pop()!
    if (leaving) {
      state.set(node, 'done')
      order.push(node)
    } else if (state.get(node) === undefined) {
      state.set(node, 'open')
      stack.push([node, true])
      for (const each of [...node.inputs].reverse()) if (!state.has(each.node)) stack.push([each.node, false])
    }
  }
  return order
}
