import { apply, applyOne, shapeError, type Operator, type Tensor, type TensorType } from '../tensor.ts'
import { customGradient } from '../gradients.ts'
import { add, exp, mul, reciprocal, sqrt, sub } from './elementwise.ts'
import { sumRows } from './product.ts'
import { mean, sum } from './reduce.ts'

function lastAxis(name: string, inputs: readonly Tensor[]): readonly TensorType[] {
  const x = inputs[0]!
  if (x.dtype !== 'float32' || x.shape.length === 0)
    throw shapeError(name, inputs, 'expects float32 with an axis')
  return [{ dtype: x.dtype, shape: x.shape }]
}

const softmaxOperator: Operator = {
  name: 'softmax',
  onnx: 'Softmax',
  infer: (inputs) => lastAxis('softmax', inputs),
  gradient: (node, [dy]) => {
    const y = node.outputs[0]!
    return [dy && mul(y, sub(dy, sum(mul(dy, y), { axes: [-1], keepDims: true })))]
  },
  emit: (emitter, _, inputs, outputs) => void emitter.add('Softmax', inputs, { axis: -1 }, outputs),
}

/** Along the last axis. */
export const softmax = (x: Tensor): Tensor => applyOne(softmaxOperator, [x])

const logSoftmaxOperator: Operator = {
  name: 'logSoftmax',
  onnx: 'LogSoftmax',
  infer: (inputs) => lastAxis('logSoftmax', inputs),
  gradient: (node, [dy]) => [
    dy && sub(dy, mul(exp(node.outputs[0]!), sum(dy, { axes: [-1], keepDims: true }))),
  ],
  emit: (emitter, _, inputs, outputs) => void emitter.add('LogSoftmax', inputs, { axis: -1 }, outputs),
}

/** Along the last axis. */
export const logSoftmax = (x: Tensor): Tensor => applyOne(logSoftmaxOperator, [x])

const layerNormOperator: Operator = {
  name: 'layerNorm',
  onnx: 'LayerNormalization',
  infer: (inputs) => {
    const [x, scale, bias] = inputs as [Tensor, Tensor, Tensor]
    if (scale.shape.length !== 1 || scale.shape[0] !== x.shape.at(-1) || bias.shape[0] !== x.shape.at(-1))
      throw shapeError('layerNorm', inputs, 'expects a scale and a bias of the size of the last axis')
    const kept = [...x.shape.slice(0, -1), 1]
    return [
      { dtype: x.dtype, shape: x.shape },
      { dtype: 'float32', shape: kept },
      { dtype: 'float32', shape: kept },
    ]
  },
  gradient: (node, [dy]) => {
    if (dy === undefined) return []
    const [x, scale] = node.inputs as readonly [Tensor, Tensor]
    const [, center, deviation] = node.outputs as readonly [Tensor, Tensor, Tensor]
    const normal = mul(sub(x, center), deviation)
    const dn = mul(dy, scale)
    const inner = mean(mul(dn, normal), { axes: [-1], keepDims: true })
    const dx = mul(sub(sub(dn, mean(dn, { axes: [-1], keepDims: true })), mul(normal, inner)), deviation)
    return [dx, sumRows(mul(dy, normal)), sumRows(dy)]
  },
  emit: (emitter, node, inputs, outputs) =>
    void emitter.add(
      'LayerNormalization',
      inputs,
      {
        axis: -1,
        epsilon: { float: node.attributes['epsilon'] as number },
      },
      outputs,
    ),
}

/** Layer normalisation over the last axis (Ba et al. 2016). `scale`, `bias`: [width]. */
export const layerNorm = (
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  options: { readonly epsilon?: number } = {},
): Tensor => apply(layerNormOperator, [x, scale, bias], { epsilon: options.epsilon ?? 1e-5 })[0]!

/** x ÷ √(mean(x²) + ε) · scale over the last axis (Zhang and Sennrich 2019). `scale`: [width]. */
export function rmsNorm(x: Tensor, scale: Tensor, options: { readonly epsilon?: number } = {}): Tensor {
  const meanSquare = mean(mul(x, x), { axes: [-1], keepDims: true })
  const inverse = reciprocal(sqrt(add(meanSquare, options.epsilon ?? 1e-6)))
  const normal = mul(x, inverse)
  return customGradient(mul(normal, scale), [x, scale], (dy) => {
    const dn = mul(dy, scale)
    const along = mean(mul(dn, normal), { axes: [-1], keepDims: true })
    return [mul(sub(dn, mul(normal, along)), inverse), sumRows(mul(dy, normal))]
  })
}
