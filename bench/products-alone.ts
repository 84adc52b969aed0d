import {
  gemm,
  graph,
  input,
  matmul,
  slice,
  transpose,
  type Program,
  type Runtime,
  type TensorData,
} from '../src/graph/index.ts'
import { createRandom } from '../src/random.ts'
import { SEED } from './configurations.ts'
import { settle, type Contestant } from './contestant.ts'
import { elements, type Product } from './products.ts'
import { median } from './statistics.ts'

/** What the contestant of `productsAlone` is called. */
export const PRODUCTS = 'its products alone'

/**
 * A product alone: operands `a` and `b` in, the first slice of the product out, `y`. The whole product stays inside, as it does
 * in the step: whatever is fetched is copied into new memory, which can take longer than the product itself.
 */
export function compileProduct(product: Omit<Product, 'count'>, runtime: Runtime): Promise<Program> {
  const { kind, a, b, transposeA, transposeB } = product
  const [left, right] = [input('a', 'float32', a), input('b', 'float32', b)]
  const whole =
    kind === 'gemm'
      ? gemm(left, right, { transposeA, transposeB })
      : matmul(transposeA ? transpose(left) : left, transposeB ? transpose(right) : right)
  return runtime.compile(graph({ y: slice(whole, { axis: 0, start: 0, length: 1 }) }))
}

/** What a call costs in itself is found with a product of one number. */
const ONE: Product = {
  kind: 'gemm',
  a: [1, 1],
  b: [1, 1],
  transposeA: false,
  transposeB: false,
  out: [1, 1],
  count: 0,
}

/** Numbers for operands of any of the shapes: they share one memory, since the largest take some hundred megabytes each. */
function operands(shapes: readonly (readonly number[])[]): (shape: readonly number[]) => TensorData {
  const random = createRandom(SEED)
  const most = Math.max(...shapes.map(elements))
  const memory = Float32Array.from({ length: most }, () => random.uniform() - 0.5)
  return (shape) => ({ dtype: 'float32', dims: shape, data: memory.subarray(0, elements(shape)) })
}

/**
 * What ONNX Runtime needs for the products of a step alone: the floor of what any step through it can take.
 *
 * A turn gives one figure, the sum over products of the median of `steps` runs each, less what a call costs. A product that is
 * repeated may find its operands in the caches, so the floor is rather too low than too high.
 */
export async function productsAlone(products: readonly Product[], runtime: Runtime): Promise<Contestant> {
  const all = [ONE, ...products]
  const a = operands(all.map((each) => each.a))
  const b = operands(all.map((each) => each.b))
  const made: { readonly program: Program; readonly feeds: Readonly<Record<string, TensorData>> }[] = []
  for (const product of all)
    made.push({
      program: await compileProduct(product, runtime),
      feeds: { a: a(product.a), b: b(product.b) },
    })

  return {
    name: PRODUCTS,
    turn: async (steps) => {
      const medians: number[] = []
      for (const { program, feeds } of made) {
        await settle() // each has threads of its own
        await program.run(feeds)
        const ms: number[] = []
        for (let at = 0; at < steps; at++) {
          const started = performance.now()
          await program.run(feeds)
          ms.push(performance.now() - started)
        }
        medians.push(median(ms))
      }
      const [call, ...own] = medians as [number, ...number[]]
      const sum = own.reduce((all, ms, at) => all + products[at]!.count * Math.max(0, ms - call), 0)
      return { ms: [sum], losses: [] }
    },
    close: async () => {
      for (const { program } of made) await program.close()
    },
  }
}
