import { describe, expect, test } from 'vitest'
import { nodeRuntime } from '../src/graph/node.ts'
import type { Configuration } from './configurations.ts'
import { benchModel, sizesOf } from './our-step.ts'
import { compileProduct, operations, productsAlone, productsOf } from './products.ts'

const configuration: Configuration = {
  items: 30,
  width: 8,
  layers: 2,
  heads: 2,
  dropout: 0.2,
  batch: 3,
  time: 5,
}
const products = productsOf(benchModel(configuration).training(), sizesOf(configuration))

describe('the products of a training step', () => {
  test('are all of them: forward, and two as large in the gradient', () => {
    const { items, width, layers, batch, time } = configuration
    const places = batch * time
    // Query, key, value and output take 4·width², the feed-forward layer 8·width², scores and values 2·time·width a place.
    const layer = places * (12 * width ** 2 + 2 * time * width)
    const forward = layers * layer + places * items * width
    const multiplications = products.reduce((all, each) => all + (each.count * operations(each)) / 2, 0)
    expect(multiplications).toBe(3 * forward)
  })

  test('say which operand lies turned', () => {
    const scores = products.find(({ out }) => out.join() === '3,2,5,5')
    expect(scores).toMatchObject({
      kind: 'matmul',
      a: [3, 2, 5, 4],
      b: [3, 2, 5, 4],
      transposeA: false,
      transposeB: true,
    })
    const logits = products.find(({ out }) => out.join() === '15,30')
    expect(logits).toMatchObject({ kind: 'gemm', a: [15, 8], b: [30, 8], transposeB: true, count: 1 })
  })

  test('are computed alone as they are in the step, turned operands included', async () => {
    const runtime = nodeRuntime({ threads: 1 })
    const a = Float32Array.of(1, 2, 3, 4, 5, 6)
    const b = Float32Array.of(1, -1, 2, -2)
    for (const kind of ['gemm', 'matmul'] as const) {
      // aᵀ·bᵀ with a [2, 3] and b [2, 2]: out[i][j] = Σ a[k][i]·b[j][k].
      const product = {
        kind,
        a: [2, 3],
        b: [2, 2],
        transposeA: true,
        transposeB: true,
        out: [3, 2],
        count: 1,
      }
      const program = await compileProduct(product, runtime)
      const { y } = await program.run({
        a: { dtype: 'float32', dims: product.a, data: a },
        b: { dtype: 'float32', dims: product.b, data: b },
      })
      expect([...y!.data]).toEqual([1 - 4, 2 - 8, 2 - 5, 4 - 10, 3 - 6, 6 - 12])
      await program.close()
    }
  })

  test('count as often as the step makes them', async () => {
    const product = { a: [300, 300], b: [300, 300], transposeA: false, transposeB: false, out: [300, 300] }
    const contestant = await productsAlone(
      [{ ...product, kind: 'gemm', count: 1000 }],
      nodeRuntime({ threads: 1 }),
    )
    const { ms } = await contestant.turn(3)
    await contestant.close()
    // 54 billion operations: no processor's thread does them in 50 ms.
    expect(ms).toHaveLength(1)
    expect(ms[0]).toBeGreaterThan(50)
  })
})
