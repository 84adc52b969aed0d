import { sameShape } from '../dims.ts'
import { apply, applyOne, axisOf, shapeError, type Operator, type Tensor } from '../tensor.ts'
import { cast, equal } from './elementwise.ts'
import { full, range } from './generate.ts'
import { reshape, transpose } from './layout.ts'

const axesUpTo = (length: number): readonly number[] => Array.from({ length }, (_, at) => at)
const isIndex = (x: Tensor): boolean => x.dtype === 'int32' || x.dtype === 'int64'

const gatherOperator: Operator = {
  name: 'gather',
  onnx: 'Gather',
  infer: (inputs, attributes) => {
    const [x, indices] = inputs as [Tensor, Tensor]
    const axis = attributes['axis'] as number
    if (!isIndex(indices)) throw shapeError('gather', inputs, 'expects integer indices')
    return [
      { dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] },
    ]
  },
  gradient: (node, [dy]) => {
    if (dy === undefined) return []
    const [x, indices] = node.inputs as readonly [Tensor, Tensor]
    const axis = node.attributes['axis'] as number
    const ids = reshape(indices, [-1])
    // Scattering is along the first axis: the indexed one is brought there and back.
    const rank = indices.shape.length
    const after = dy.shape.map((_, at) => at).filter((at) => at >= axis + rank)
    const front = [...indices.shape.map((_, at) => at + axis), ...axesUpTo(axis), ...after]
    const turned = axis === 0 ? x.shape : [x.shape[axis]!, ...x.shape.filter((_, at) => at !== axis)]
    const rows = reshape(axis === 0 ? dy : transpose(dy, front), [ids.shape[0]!, ...turned.slice(1)])
    const zeros = full(turned, 0)
    const dx =
      node.attributes['unique'] === true
        ? applyOne(placeRowsOperator, [zeros, ids, rows])
        : scatterAdd(zeros, ids, rows)
    const back = x.shape.map((_, at) => (at < axis ? at + 1 : at === axis ? 0 : at))
    return [axis === 0 ? dx : transpose(dx, back)]
  },
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add('Gather', inputs, { axis: node.attributes['axis'] as number }, outputs),
}

/**
 * Rows of `x` by index: x [items, width], indices [batch, time] → [batch, time, width].
 * `unique` promises that no index comes twice, which makes the gradient cheaper; with repeats it would be wrong.
 */
export const gather = (
  x: Tensor,
  indices: Tensor,
  options: { readonly axis?: number; readonly unique?: boolean } = {},
): Tensor =>
  applyOne(gatherOperator, [x, indices], {
    axis: axisOf('gather', x, options.axis ?? 0),
    unique: options.unique ?? false,
  })

const placeRowsOperator: Operator = {
  name: 'placeRows',
  // Without a reduction there is no race: each row is written once.
  onnx: 'ScatterND',
  infer: ([base]) => [{ dtype: base!.dtype, shape: base!.shape }],
  gradient: (node, [dy]) => [undefined, undefined, dy && gather(dy, node.inputs[1]!, { unique: true })],
  emit: (emitter, _, inputs, outputs) => {
    const ids = emitter.add('Cast', [inputs[1]!], { to: emitter.dtype('int64') })[0]!
    const column = emitter.add('Reshape', [ids, emitter.int64([-1, 1])])[0]!
    void emitter.add('ScatterND', [inputs[0]!, column, inputs[2]!], {}, outputs)
  },
}

const scatterAddOperator: Operator = {
  name: 'scatterAdd',
  // ScatterND with `add` races between threads and gives wrong sums; ScatterElements is right.
  onnx: 'ScatterElements',
  infer: (inputs) => {
    const [base, ids, rows] = inputs as [Tensor, Tensor, Tensor]
    if (
      !isIndex(ids) ||
      rows.dtype !== base.dtype ||
      base.shape.length === 0 ||
      ids.shape.length !== 1 ||
      !sameShape(rows.shape, [ids.shape[0]!, ...base.shape.slice(1)])
    )
      throw shapeError('scatterAdd', inputs, 'expects base [items, …], ids [n], rows [n, …]')
    return [{ dtype: base.dtype, shape: base.shape }]
  },
  gradient: (node, [dy]) => [dy, undefined, dy && gather(dy, node.inputs[1]!)],
  emit: (emitter, node, inputs, outputs) => {
    const [, , rows] = node.inputs as readonly [Tensor, Tensor, Tensor]
    const column = [-1, ...rows.shape.slice(1).map(() => 1)]
    const tall = emitter.add('Reshape', [inputs[1]!, emitter.int64(column)])[0]!
    const index = emitter.add('Expand', [tall, emitter.shape(rows.shape)])[0]!
    void emitter.add(
      'ScatterElements',
      [inputs[0]!, index, inputs[2]!],
      { axis: 0, reduction: 'add' },
      outputs,
    )
  },
}

/** base[ids[i]] += rows[i]; repeated ids add up exactly. base [items, …], ids [n], rows [n, …]. */
export const scatterAdd = (base: Tensor, ids: Tensor, rows: Tensor): Tensor =>
  applyOne(scatterAddOperator, [base, ids, rows])

/** The parts of a scatter onto zeros, or undefined: what a kernel can add to a table in place. */
export function scatteredRows(x: Tensor): { readonly ids: Tensor; readonly rows: Tensor } | undefined {
  if (x.node.operator !== scatterAddOperator) return undefined
  const [base, ids, rows] = x.node.inputs as readonly [Tensor, Tensor, Tensor]
  return base.node.operator.name === 'full' && base.node.attributes['value'] === 0 ? { ids, rows } : undefined
}

const pickOperator: Operator = {
  name: 'pick',
  onnx: 'GatherElements',
  infer: (inputs) => {
    const [x, indices] = inputs as [Tensor, Tensor]
    if (
      !isIndex(indices) ||
      x.shape.length === 0 ||
      x.shape.length !== indices.shape.length ||
      !sameShape(x.shape.slice(0, -1), indices.shape.slice(0, -1))
    )
      throw shapeError('pick', inputs, 'expects indices with the same leading axes')
    return [{ dtype: x.dtype, shape: indices.shape }]
  },
  gradient: (node, [dy]) => {
    const [x, indices] = node.inputs as readonly [Tensor, Tensor]
    return [dy && applyOne(placeOperator, [full(x.shape, 0), indices, dy])]
  },
  emit: (emitter, _, inputs, outputs) => void emitter.add('GatherElements', inputs, { axis: -1 }, outputs),
}

/** Elements along the last axis: x [..., n], indices [..., k] → [..., k]. */
export const pick = (x: Tensor, indices: Tensor): Tensor => applyOne(pickOperator, [x, indices])

const placeOperator: Operator = {
  name: 'place',
  onnx: 'ScatterElements',
  infer: ([base]) => [{ dtype: base!.dtype, shape: base!.shape }],
  gradient: (node, [dy]) => [dy, undefined, dy && pick(dy, node.inputs[1]!)],
  emit: (emitter, _, inputs, outputs) =>
    void emitter.add('ScatterElements', inputs, { axis: -1, reduction: 'add' }, outputs),
}

/** Sums along the last axis by index: values and indices [..., n] → [..., size]. Repeated indices add up. */
export const sumsByIndex = (values: Tensor, indices: Tensor, options: { readonly size: number }): Tensor =>
  applyOne(placeOperator, [full([...values.shape.slice(0, -1), options.size], 0), indices, values])

const topKOperator: Operator = {
  name: 'topK',
  onnx: 'TopK',
  infer: ([x], attributes) => {
    const k = attributes['k'] as number
    const size = x!.shape.at(-1)
    if (size === undefined || !Number.isInteger(k) || k < 1 || (typeof size === 'number' && k > size))
      throw shapeError('topK', [x!], `cannot give the ${k} largest of ${size ?? 'a scalar'}`)
    const shape = [...x!.shape.slice(0, -1), k]
    return [
      { dtype: x!.dtype, shape },
      { dtype: 'int64', shape },
    ]
  },
  gradient: (node, [dy]) => [
    dy && applyOne(placeOperator, [full(node.inputs[0]!.shape, 0), node.outputs[1]!, dy]),
  ],
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add(
      'TopK',
      [inputs[0]!, emitter.int64([node.attributes['k'] as number])],
      { axis: -1 },
      outputs,
    ),
}

/** The k largest along the last axis, in descending order, and their indices. */
export function topK(
  x: Tensor,
  options: { readonly k: number },
): { readonly values: Tensor; readonly indices: Tensor } {
  const [values, indices] = apply(topKOperator, [x], { k: options.k }) as readonly [Tensor, Tensor]
  return { values, indices }
}

/** indices [...] → [..., depth]: 1 at the index, 0 elsewhere. An index outside gives zeros. */
export function oneHot(indices: Tensor, options: { readonly depth: number }): Tensor {
  if (!isIndex(indices)) throw shapeError('oneHot', [indices], 'expects integer indices')
  const places = cast(range(options.depth), indices.dtype)
  return cast(equal(reshape(indices, [...indices.shape, 1]), places), 'float32')
}
