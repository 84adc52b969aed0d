import { canonical, product, type Dim, type Shape } from '../dims.ts'
import { applyOne, type DType, type Operator, type Tensor } from '../tensor.ts'

const fullOperator: Operator = {
  name: 'full',
  onnx: 'Expand',
  infer: (_, attributes) => [{ dtype: attributes['dtype'] as DType, shape: attributes['shape'] as Shape }],
  gradient: 'none',
  emit: (emitter, node, _, outputs) => {
    const { shape, value, dtype } = node.attributes as unknown as {
      shape: Shape
      value: number
      dtype: DType
    }
    void emitter.add('Expand', [emitter.scalar(value, dtype), emitter.shape(shape)], {}, outputs)
  },
}

/** One value everywhere; sizes may be symbolic. */
export const full = (shape: Shape, value: number, dtype: DType = 'float32'): Tensor =>
  applyOne(fullOperator, [], { shape: shape.map(canonical), value, dtype })

const sizeOperator: Operator = {
  name: 'sizeOf',
  onnx: 'Cast',
  infer: () => [{ dtype: 'float32', shape: [] }],
  gradient: 'none',
  emit: (emitter, node, _, outputs) => {
    const size = emitter.add('Squeeze', [emitter.shape([node.attributes['size'] as Dim])])
    void emitter.add('Cast', size, { to: emitter.dtype('float32') }, outputs)
  },
}

/** The number of elements of a shape as a scalar, also where sizes are known only at run time. */
export const sizeOf = (shape: Shape): Tensor => applyOne(sizeOperator, [], { size: product(shape) })

const rangeOperator: Operator = {
  name: 'range',
  onnx: 'Range',
  infer: (_, attributes) => [{ dtype: 'int64', shape: [attributes['size'] as Dim] }],
  gradient: 'none',
  emit: (emitter, node, _, outputs) => {
    const size = emitter.add('Squeeze', [emitter.shape([node.attributes['size'] as Dim])])[0]!
    void emitter.add('Range', [emitter.scalar(0, 'int64'), size, emitter.scalar(1, 'int64')], {}, outputs)
  },
}

/** 0, 1, 2 … as int64. */
export const range = (size: Dim): Tensor => applyOne(rangeOperator, [], { size: canonical(size) })
