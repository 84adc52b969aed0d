import { describe, expect, test } from 'vitest'
import { nodeRuntime } from '../src/graph/node.ts'
import { compileProduct, productsAlone } from './products-alone.ts'

const runtime = nodeRuntime({ threads: 1 })

describe('products alone', () => {
  test.each(['gemm', 'matmul'] as const)(
    '%s is computed as in the step, turned operands included',
    async (kind) => {
      const product = { kind, a: [2, 3], b: [2, 2], transposeA: true, transposeB: true, out: [3, 2] }
      const program = await compileProduct(product, runtime)
      const { y } = await program.run({
        a: { dtype: 'float32', dims: product.a, data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        b: { dtype: 'float32', dims: product.b, data: Float32Array.of(1, -1, 2, -2) },
      })
      // The first row of aᵀ·bᵀ: Σ a[k][0]·b[j][k].
      expect([...y!.data]).toEqual([1 - 4, 2 - 8])
      await program.close()
    },
  )

  test('count as often as the step makes them', async () => {
    const square = [300, 300]
    const product = {
      kind: 'gemm',
      a: square,
      b: square,
      transposeA: false,
      transposeB: false,
      out: square,
    } as const
    const contestant = await productsAlone([{ ...product, count: 1000 }], runtime)
    const { ms } = await contestant.turn(3)
    await contestant.close()
    // 54 billion operations: no thread of a processor does them in 50 ms.
    expect(ms).toHaveLength(1)
    expect(ms[0]).toBeGreaterThan(50)
  })
})
