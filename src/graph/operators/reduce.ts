import { product, sameShape, type Shape } from '../dims.ts'
import { applyOne, axisOf, shapeError, type GradientRule, type Operator, type Tensor } from '../tensor.ts'
import { cast, div, equal, mul } from './elementwise.ts'
import { sizeOf } from './generate.ts'
import { expand, reshape } from './layout.ts'

interface ReduceOptions {
  /** Negative axes count from the end; all axes when left out. */
  readonly axes?: readonly number[]
  readonly keepDims?: boolean
}

const axesOf = (name: string, x: Tensor, axes?: readonly number[]): readonly number[] =>
  [...new Set((axes ?? x.shape.map((_, axis) => axis)).map((axis) => axisOf(name, x, axis)))].sort(
    (a, b) => a - b,
  )

function reduceOperator(name: string, onnx: string, gradient: GradientRule | 'none'): Operator {
  return {
    name,
    onnx,
    infer: ([x], attributes) => {
      const axes = attributes['axes'] as readonly number[]
      const kept = x!.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
      return [
        {
          dtype: x!.dtype,
          shape: attributes['keepDims'] === true ? kept : kept.filter((_, axis) => !axes.includes(axis)),
        },
      ]
    },
    gradient,
    emit: (emitter, node, inputs, outputs) =>
      void emitter.add(
        onnx,
        [inputs[0]!, emitter.int64(node.attributes['axes'] as readonly number[])],
        { keepdims: node.attributes['keepDims'] === true ? 1 : 0 },
        outputs,
      ),
  }
}

/** The shape with each reduced axis as 1, so that it broadcasts against the operand. */
const keptShape = (x: Tensor, axes: readonly number[]): Shape =>
  x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))

const sumOperator = reduceOperator('sum', 'ReduceSum', (node, [dy]) => {
  const x = node.inputs[0]!
  return [dy && expand(reshape(dy, keptShape(x, node.attributes['axes'] as readonly number[])), x.shape)]
})
const meanOperator = reduceOperator('mean', 'ReduceMean', (node, [dy]) => {
  const x = node.inputs[0]!
  const kept = keptShape(x, node.attributes['axes'] as readonly number[])
  return [
    dy &&
      expand(mul(reshape(dy, kept), shareOfMean(x, node.attributes['axes'] as readonly number[])), x.shape),
  ]
})
const maxGradient: GradientRule = (node, [dy]) => {
  const x = node.inputs[0]!
  const axes = node.attributes['axes'] as readonly number[]
  const kept = keptShape(x, axes)
  const won = cast(equal(x, reshape(node.outputs[0]!, kept)), 'float32')
  // Ties share the gradient, as PyTorch's amax does.
  return [dy && mul(div(won, sum(won, { axes, keepDims: true })), reshape(dy, kept))]
}
const maxOperator = reduceOperator('max', 'ReduceMax', maxGradient)
const minOperator = reduceOperator('min', 'ReduceMin', maxGradient)

/** 1 ÷ the number of averaged elements, also where that is known only at run time. */
function shareOfMean(x: Tensor, axes: readonly number[]): Tensor | number {
  const size = product(axes.map((axis) => x.shape[axis]!))
  return typeof size === 'number' ? 1 / size : div(1, sizeOf([size]))
}

const reduced = (operator: Operator, x: Tensor, { axes, keepDims = false }: ReduceOptions): Tensor => {
  if (x.dtype === 'bool') throw shapeError(operator.name, [x], 'expects numbers')
  const over = axesOf(operator.name, x, axes)
  return over.length === 0 ? x : applyOne(operator, [x], { axes: over, keepDims })
}

export const sum = (x: Tensor, options: ReduceOptions = {}): Tensor => reduced(sumOperator, x, options)
export const mean = (x: Tensor, options: ReduceOptions = {}): Tensor => reduced(meanOperator, x, options)
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => reduced(maxOperator, x, options)
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => reduced(minOperator, x, options)

/** Undoes a broadcast: sums over the axes along which `shape` was repeated. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  const extra = x.shape.length - shape.length
  const axes = x.shape.flatMap((dim, axis) =>
    axis < extra || (shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  )
  const summed = axes.length > 0 ? sum(x, { axes, keepDims: true }) : x
  return reshape(summed, shape)
}

const cumulativeSumOperator: Operator = {
  name: 'cumulativeSum',
  onnx: 'CumSum',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: (node, [dy]) => [
    dy &&
      applyOne(cumulativeSumOperator, [dy], {
        ...node.attributes,
        reverse: node.attributes['reverse'] !== true,
      }),
  ],
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add(
      'CumSum',
      [inputs[0]!, emitter.scalar(node.attributes['axis'] as number, 'int64')],
      {
        reverse: node.attributes['reverse'] === true ? 1 : 0,
        exclusive: node.attributes['exclusive'] === true ? 1 : 0,
      },
      outputs,
    ),
}

/** Running totals along an axis; `exclusive` leaves the element itself out, `reverse` runs from the end. */
export const cumulativeSum = (
  x: Tensor,
  options: { readonly axis: number; readonly reverse?: boolean; readonly exclusive?: boolean },
): Tensor =>
  applyOne(cumulativeSumOperator, [x], {
    axis: axisOf('cumulativeSum', x, options.axis),
    reverse: options.reverse ?? false,
    exclusive: options.exclusive ?? false,
  })
