import { describe, expect, test } from 'vitest'
import { gemm, input, mul, sum, sumRows } from '../src/graph/index.ts'
import type { Configuration } from './configurations.ts'
import { benchModel, sizesOf } from './our-step.ts'
import { operations, productsOf } from './products.ts'

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

  test('with ones are no products: they add up', () => {
    const x = input('x', 'float32', [3, 4])
    const w = input('w', 'float32', [4, 2], 'parameter')
    const loss = sum(mul(sumRows(gemm(x, w)), 2), { axes: [0] })
    const found = productsOf({ loss, gradients: [] }, {})
    expect(found).toEqual([
      { kind: 'gemm', a: [3, 4], b: [4, 2], transposeA: false, transposeB: false, out: [3, 2], count: 1 },
    ])
  })
})
