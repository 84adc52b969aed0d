import {
  broadcast,
  canonical,
  difference,
  formatShape,
  product,
  quotient,
  sameShape,
  sum as sumOf,
  type Dim,
  type Shape,
} from '../dims.ts'
import { apply, applyOne, axisOf, shapeError, type Operator, type Tensor } from '../tensor.ts'
import { full } from './generate.ts'

const reshapeOperator: Operator = {
  name: 'reshape',
  onnx: 'Reshape',
  infer: ([x], attributes) => {
    const shape = attributes['shape'] as Shape
    if (product(x!.shape) !== product(shape))
      throw shapeError('reshape', [x!], `cannot become ${formatShape(shape)}: the numbers of elements differ`)
    return [{ dtype: x!.dtype, shape }]
  },
  gradient: (node, [dy]) => [dy && reshape(dy, node.inputs[0]!.shape)],
  emit: (emitter, node, inputs, outputs) => {
    const from = emitter.bind(node.inputs[0]!.shape)
    const to = emitter.bind(node.attributes['shape'] as Shape)
    // 0 copies the size at the same axis, one -1 is inferred: most shapes need no computation.
    const copied = to.map((dim, axis) => (typeof dim === 'number' ? dim : dim === from[axis] ? 0 : -1))
    const fixed = copied.filter((dim) => dim === -1).length <= 1
    void emitter.add('Reshape', [inputs[0]!, fixed ? emitter.int64(copied) : emitter.shape(to)], {}, outputs)
  },
}

/** The same elements under another shape. One size may be -1: it is inferred. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const open = shape.indexOf(-1)
  const size = open < 0 ? 0 : quotient(product(x.shape), product(shape.filter((_, axis) => axis !== open)))
  if (size === undefined) throw shapeError('reshape', [x], `cannot become ${formatShape(shape)}`)
  const closed = shape.map((dim, axis) => (axis === open ? size : canonical(dim)))
  return sameShape(x.shape, closed) ? x : applyOne(reshapeOperator, [x], { shape: closed })
}

const transposeOperator: Operator = {
  name: 'transpose',
  onnx: 'Transpose',
  infer: ([x], attributes) => {
    const order = attributes['perm'] as readonly number[]
    if ([...order].sort((a, b) => a - b).some((axis, at) => axis !== at) || order.length !== x!.shape.length)
      throw shapeError('transpose', [x!], `expects a permutation of its axes, got [${order.join(', ')}]`)
    return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }]
  },
  gradient: (node, [dy]) => {
    const order = node.attributes['perm'] as readonly number[]
    return [
      dy &&
        transpose(
          dy,
          order.map((_, axis) => order.indexOf(axis)),
        ),
    ]
  },
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add('Transpose', inputs, { perm: node.attributes['perm'] as readonly number[] }, outputs),
}

/** Axis `i` of the result is axis `order[i]` of `x`. Without an order the last two axes change places. */
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  const rank = x.shape.length
  return applyOne(transposeOperator, [x], {
    perm:
      order ?? x.shape.map((_, axis) => (axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis)),
  })
}

const expandOperator: Operator = {
  name: 'expand',
  onnx: 'Expand',
  infer: (inputs, attributes) => {
    const shape = attributes['shape'] as Shape
    const result = broadcast([inputs[0]!.shape, shape], (reason) => shapeError('expand', inputs, reason))
    if (!sameShape(result, shape)) throw shapeError('expand', inputs, `cannot become ${formatShape(shape)}`)
    return [{ dtype: inputs[0]!.dtype, shape }]
  },
  gradient: (_, [dy]) => [dy], // summed over the repeats, like every broadcast, by `gradients`
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add('Expand', [inputs[0]!, emitter.shape(node.attributes['shape'] as Shape)], {}, outputs),
}

/** Repeats `x` along its axes of size 1. */
export const expand = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : applyOne(expandOperator, [x], { shape: shape.map(canonical) })

interface SliceAttributes {
  readonly axis: number
  readonly start: Dim
  readonly length: Dim
}

const sliceOperator: Operator = {
  name: 'slice',
  onnx: 'Slice',
  infer: ([x], attributes) => {
    const { axis, start, length } = attributes as unknown as SliceAttributes
    const rest = difference(x!.shape[axis]!, sumOf([start, length]))
    if ([start, length, rest].some((size) => typeof size === 'number' && size < 0))
      throw shapeError('slice', [x!], `cannot take ${length} elements from ${start} at axis ${axis}`)
    return [{ dtype: x!.dtype, shape: x!.shape.map((dim, at) => (at === axis ? length : dim)) }]
  },
  gradient: (node, [dy]) => {
    const { axis, start, length } = node.attributes as unknown as SliceAttributes
    const after = difference(node.inputs[0]!.shape[axis]!, sumOf([start, length]))
    return [dy && pad(dy, { axis, before: start, after })]
  },
  emit: (emitter, node, inputs, outputs) => {
    const { axis, start, length } = node.attributes as unknown as SliceAttributes
    const end = emitter.shape([sumOf([length, start])])
    void emitter.add('Slice', [inputs[0]!, emitter.shape([start]), end, emitter.int64([axis])], {}, outputs)
  },
}

/** `length` elements of one axis from `start`; to the end when `length` is left out. */
export function slice(
  x: Tensor,
  options: { readonly axis: number; readonly start: Dim; readonly length?: Dim },
): Tensor {
  const axis = axisOf('slice', x, options.axis)
  const start = canonical(options.start)
  const length = options.length === undefined ? difference(x.shape[axis]!, start) : canonical(options.length)
  if (start === 0 && length === x.shape[axis]) return x
  return applyOne(sliceOperator, [x], { axis, start, length })
}

const concatOperator: Operator = {
  name: 'concat',
  onnx: 'Concat',
  infer: (inputs, attributes) => {
    const axis = attributes['axis'] as number
    const first = inputs[0]!
    const rest = (each: Tensor): Shape => each.shape.map((dim, at) => (at === axis ? 1 : dim))
    if (inputs.some((each) => each.dtype !== first.dtype || !sameShape(rest(each), rest(first))))
      throw shapeError('concat', inputs, `expects shapes that differ at axis ${axis} only`)
    return [
      {
        dtype: first.dtype,
        shape: first.shape.map((dim, at) =>
          at === axis ? sumOf(inputs.map((each) => each.shape[axis]!)) : dim,
        ),
      },
    ]
  },
  gradient: (node, [dy]) => {
    const axis = node.attributes['axis'] as number
    const lengths = node.inputs.map((each) => each.shape[axis]!)
    return lengths.map((length, at) => dy && slice(dy, { axis, start: sumOf(lengths.slice(0, at)), length }))
  },
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add('Concat', inputs, { axis: node.attributes['axis'] as number }, outputs),
}

/** One after another along an axis; the other axes agree. */
export function concat(tensors: readonly Tensor[], options: { readonly axis: number }): Tensor {
  const [first] = tensors
  if (first === undefined) throw shapeError('concat', [], 'expects at least one tensor')
  const axis = axisOf('concat', first, options.axis)
  return tensors.length === 1 ? first : applyOne(concatOperator, tensors, { axis })
}

const splitOperator: Operator = {
  name: 'split',
  onnx: 'Split',
  infer: ([x], attributes) => {
    const { axis, parts } = attributes as unknown as SplitAttributes
    const sizes =
      typeof parts === 'number' ? equalSizes(x!.shape[axis]!, parts) : wholeSizes(x!.shape[axis]!, parts)
    if (sizes === undefined)
      throw shapeError('split', [x!], `cannot be cut in ${String(parts)} at axis ${axis}`)
    return sizes.map((size) => ({
      dtype: x!.dtype,
      shape: x!.shape.map((dim, at) => (at === axis ? size : dim)),
    }))
  },
  gradient: (node, dys) => {
    const zeros = (like: Tensor): Tensor => full(like.shape, 0)
    return [
      concat(
        node.outputs.map((output, at) => dys[at] ?? zeros(output)),
        { axis: node.attributes['axis'] as number },
      ),
    ]
  },
  emit: (emitter, node, inputs, outputs) => {
    const { axis, parts } = node.attributes as unknown as SplitAttributes
    if (typeof parts === 'number') emitter.add('Split', inputs, { axis, num_outputs: parts }, outputs)
    else emitter.add('Split', [inputs[0]!, emitter.int64(parts)], { axis }, outputs)
  },
}

interface SplitAttributes {
  readonly axis: number
  /** How many of one size, or the size of each. */
  readonly parts: number | readonly number[]
}

const equalSizes = (size: Dim, parts: number): readonly Dim[] | undefined => {
  const each = Number.isInteger(parts) && parts > 0 ? quotient(size, parts) : undefined
  return each === undefined ? undefined : new Array<Dim>(parts).fill(each)
}

const wholeSizes = (size: Dim, parts: readonly number[]): readonly Dim[] | undefined =>
  parts.every((each) => Number.isInteger(each) && each > 0) &&
  parts.reduce((sum, each) => sum + each, 0) === size
    ? parts
    : undefined

/** Parts along an axis: so many of one size, or one of each of these sizes, which fill the axis. */
export const split = (x: Tensor, options: SplitAttributes): readonly Tensor[] =>
  apply(splitOperator, [x], { axis: axisOf('split', x, options.axis), parts: options.parts })

interface PadAttributes {
  readonly axis: number
  readonly before: Dim
  readonly after: Dim
  readonly value: number
}

const padOperator: Operator = {
  name: 'pad',
  onnx: 'Pad',
  infer: ([x], attributes) => {
    const { axis, before, after } = attributes as unknown as PadAttributes
    if ([before, after].some((size) => typeof size === 'number' && size < 0))
      throw shapeError('pad', [x!], `cannot add ${before} elements before and ${after} after axis ${axis}`)
    return [
      {
        dtype: x!.dtype,
        shape: x!.shape.map((dim, at) => (at === axis ? sumOf([dim, before, after]) : dim)),
      },
    ]
  },
  gradient: (node, [dy]) => {
    const { axis, before } = node.attributes as unknown as PadAttributes
    return [dy && slice(dy, { axis, start: before, length: node.inputs[0]!.shape[axis]! })]
  },
  emit: (emitter, node, inputs, outputs) => {
    const { axis, before, after, value } = node.attributes as unknown as PadAttributes
    void emitter.add(
      'Pad',
      [
        inputs[0]!,
        emitter.shape([before, after]),
        emitter.scalar(value, node.inputs[0]!.dtype),
        emitter.int64([axis]),
      ],
      {},
      outputs,
    )
  },
}

/** Adds `before` and `after` elements of `value` at the ends of one axis. */
export function pad(
  x: Tensor,
  options: { readonly axis: number; readonly before: Dim; readonly after: Dim; readonly value?: number },
): Tensor {
  const axis = axisOf('pad', x, options.axis)
  const [before, after] = [canonical(options.before), canonical(options.after)]
  return before === 0 && after === 0
    ? x
    : applyOne(padOperator, [x], { axis, before, after, value: options.value ?? 0 })
}
