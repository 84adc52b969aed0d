export { bind, product, type Dim, type Shape } from './dims.ts'
export {
  constant,
  input,
  inputName,
  topological,
  type Attributes,
  type DType,
  type Emitter,
  type GradientRule,
  type Node,
  type Operator,
  type Tensor,
  type TensorType,
} from './tensor.ts'
export * from './operators/elementwise.ts'
export * from './operators/generate.ts'
export * from './operators/layout.ts'
export * from './operators/reduce.ts'
export * from './operators/product.ts'
export * from './operators/normalize.ts'
export * from './operators/activation.ts'
export * from './operators/scan.ts'
export * from './operators/select.ts'
export { customGradient, gradients, stopGradient } from './gradients.ts'
export { emit, graph, type Emitted, type EmitOptions, type Graph } from './emit.ts'
export { dump } from './dump.ts'
export type {
  CompileOptions,
  Device,
  DeviceTensor,
  Program,
  Runtime,
  RuntimeOptions,
  TensorData,
  TensorValues,
} from './runtime.ts'
