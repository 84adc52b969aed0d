import { bind, topological, type Node, type Tensor } from '../src/graph/index.ts'
import type { TrainingGraph } from '../src/model.ts'

type Sizes = Readonly<Record<string, number>>

/** A matrix product as the step has it; `a` and `b` are the shapes of the operands before they are transposed. */
export interface Product {
  readonly kind: 'gemm' | 'matmul'
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly out: readonly number[]
  /** How often the step makes a product like this. */
  readonly count: number
}

export const elements = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)

/** Multiplications and additions of a product, once. */
export function operations({ a, transposeA, out }: Product): number {
  return 2 * elements(out) * a.at(transposeA ? -2 : -1)!
}

/** Every product of a training graph, alike ones together. One with a matrix of ones is a sum in disguise and does not count. */
export function productsOf(
  { loss, gradients }: Pick<TrainingGraph, 'loss' | 'gradients'>,
  sizes: Sizes,
): readonly Product[] {
  const found = new Map<string, Product>()
  for (const node of topological([loss, ...gradients.flatMap((gradient) => gradient ?? [])])) {
    const product = productOf(node, sizes)
    if (product === undefined) continue
    const key = JSON.stringify(product)
    found.set(key, { ...product, count: (found.get(key)?.count ?? 0) + 1 })
  }
  return [...found.values()]
}

function productOf(
  { operator, inputs, attributes, outputs }: Node,
  sizes: Sizes,
): Omit<Product, 'count'> | undefined {
  const kind = operator.name
  if (kind !== 'gemm' && kind !== 'matmul') return undefined
  if (inputs.some((operand) => operand.node.operator.name === 'full')) return undefined
  // ONNX Runtime takes a turned operand of a batched product as it lies, so what counts is the operand before the turn.
  const [a, b] = inputs.slice(0, 2).map((operand) => {
    const turned = kind === 'matmul' && swapsLastAxes(operand)
    return { turned, tensor: turned ? operand.node.inputs[0]! : operand }
  }) as [Operand, Operand]
  const shape = (tensor: Tensor): readonly number[] => tensor.shape.map((dim) => bind(dim, sizes) as number)
  return {
    kind,
    a: shape(a.tensor),
    b: shape(b.tensor),
    transposeA: a.turned || attributes['transposeA'] === true,
    transposeB: b.turned || attributes['transposeB'] === true,
    out: shape(outputs[0]!),
  }
}

interface Operand {
  readonly turned: boolean
  readonly tensor: Tensor
}

function swapsLastAxes({ node, shape }: Tensor): boolean {
  if (node.operator.name !== 'transpose') return false
  const rank = shape.length
  const swapped = shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis))
  return (node.attributes['perm'] as readonly number[]).every((axis, at) => axis === swapped[at])
}
