import {
  bind,
  gemm,
  graph,
  input,
  matmul,
  topological,
  transpose,
  type Node,
  type Program,
  type Runtime,
  type Tensor,
  type TensorData,
} from '../src/graph/index.ts'
import type { TrainingGraph } from '../src/model.ts'
import { createRandom } from '../src/random.ts'
import { SEED } from './configurations.ts'
import { settle, type Contestant } from './contestant.ts'
import { median } from './statistics.ts'

/** What the contestant of `productsAlone` is called. */
export const PRODUCTS = 'its products alone'

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

const elements = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)

/** Multiplications and additions of a product, once. */
export function operations({ a, transposeA, out }: Product): number {
  return 2 * elements(out) * a.at(transposeA ? -2 : -1)!
}

/** Every product of a training graph, alike ones together. */
export function productsOf(
  { loss, gradients }: Pick<TrainingGraph, 'loss' | 'gradients'>,
  sizes: Sizes,
): readonly Product[] {
  const found = new Map<string, Product>()
  for (const node of topological([loss, ...gradients])) {
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

/** A product alone: operands `a` and `b` in, product `y` out. */
export function compileProduct(
  { kind, a, b, transposeA, transposeB }: Product,
  runtime: Runtime,
): Promise<Program> {
  const [left, right] = [input('a', 'float32', a), input('b', 'float32', b)]
  const y =
    kind === 'gemm'
      ? gemm(left, right, { transposeA, transposeB })
      : matmul(transposeA ? transpose(left) : left, transposeB ? transpose(right) : right)
  return runtime.compile(graph({ y }))
}

interface Timed {
  readonly product: Product
  /** Runs it once and says how long that took. */
  run(): Promise<number>
  close(): Promise<void>
}

/**
 * What ONNX Runtime needs for the products of a step alone: the floor of what any step through it can take.
 * A turn gives one figure, the sum over products of the median of `steps` runs. What a call costs in itself, found with a product
 * of one number, is taken off, and a product that is repeated finds its operands in the caches: the floor is rather too low.
 */
export async function productsAlone(products: readonly Product[], runtime: Runtime): Promise<Contestant> {
  const one: Product = {
    kind: 'gemm',
    a: [1, 1],
    b: [1, 1],
    transposeA: false,
    transposeB: false,
    out: [1, 1],
    count: 0,
  }
  const all = [one, ...products]
  const memory = (shapes: readonly (readonly number[])[]): Float32Array => {
    const random = createRandom(SEED)
    return Float32Array.from({ length: Math.max(...shapes.map(elements)) }, () => random.uniform() - 0.5)
  }
  // All share the same memory: the largest operands take some hundred megabytes each.
  const [a, b, y] = [all.map((each) => each.a), all.map((each) => each.b), all.map((each) => each.out)].map(
    memory,
  )
  const timed: Timed[] = []
  for (const product of all) {
    const data = (shape: readonly number[], from: Float32Array): TensorData => ({
      dtype: 'float32',
      dims: shape,
      data: from.subarray(0, elements(shape)),
    })
    const program = await compileProduct(product, runtime)
    const feeds = { a: data(product.a, a!), b: data(product.b, b!) }
    const into = { y: data(product.out, y!) }
    timed.push({
      product,
      run: async () => {
        const started = performance.now()
        await program.run(feeds, into)
        return performance.now() - started
      },
      close: () => program.close(),
    })
  }
  return {
    name: PRODUCTS,
    turn: async (steps) => {
      const medians: number[] = []
      for (const each of timed) {
        await settle() // each has threads of its own
        await each.run()
        const ms: number[] = []
        for (let at = 0; at < steps; at++) ms.push(await each.run())
        medians.push(median(ms))
      }
      const [call, ...rest] = medians as [number, ...number[]]
      return {
        ms: [rest.reduce((sum, ms, at) => sum + products[at]!.count * Math.max(0, ms - call), 0)],
        losses: [],
      }
    },
    close: async () => {
      for (const each of timed) await each.close()
    },
  }
}
