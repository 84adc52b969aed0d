import { expect, test } from 'vitest'
import { input } from '../graph/index.ts'
import { createKernels, createPlainKernels, keptShare } from '../kernels/index.ts'
import type { Mask } from '../nn/index.ts'
import { seedState } from '../random.ts'
import { dropoutMasks, maskBytes } from './dropout-masks.ts'

const mask = (name: string, shape: Mask['shape'], probability: number): Mask => ({
  name,
  shape,
  probability,
  tensor: input(name, 'float32', shape, 'random'),
})
const masks = [
  mask('residual', ['batch', 'time', 16], 0.3),
  mask('attention', ['batch', 2, 'time', 'time'], 0.1),
]
const largest = { batch: 6, time: 10 }
const options = { largest, seed: 3 }

test('each draw goes on where the last stood, to the same bytes in both kinds of kernels', async () => {
  const [fast, plain] = [
    dropoutMasks(await createKernels({ bytes: maskBytes(masks, largest) }), masks, options),
    dropoutMasks(createPlainKernels({ bytes: maskBytes(masks, largest) }), masks, options),
  ]
  const seen: string[] = []
  for (const sizes of [largest, { batch: 3, time: 7 }, { batch: 3, time: 7 }]) {
    const [drawn, expected] = [fast.draw(sizes), plain.draw(sizes)]
    expect(drawn).toEqual(expected)
    expect(fast.state).toEqual(plain.state)
    const { batch, time } = sizes
    expect(drawn['residual']!.dims).toEqual([batch, time, 16])
    expect(drawn['attention']!.dims).toEqual([batch, 2, time, time])
    for (const { name, probability } of masks) {
      const { dims, data } = drawn[name]!
      expect(data.length).toBe(dims.reduce((all, dim) => all * dim, 1))
      expect(new Set(data as Float32Array)).toEqual(new Set([0, Math.fround(1 / keptShare(probability))]))
    }
    seen.push(JSON.stringify([...drawn['residual']!.data].map(Number)))
  }
  expect(seen[1]).not.toBe(seen[2])
})

test('a state that is written back repeats its draws', () => {
  const own = dropoutMasks(createPlainKernels({ bytes: maskBytes(masks, largest) }), masks, options)
  own.draw(largest)
  const saved = [...own.state]
  const first = own.draw(largest)['attention']!.data.slice()
  own.draw(largest)
  own.state.set(saved)
  expect(own.draw(largest)['attention']!.data).toEqual(first)
})

test('masks come from a stream of their own', () => {
  const { state } = dropoutMasks(createPlainKernels({ bytes: maskBytes(masks, largest) }), masks, options)
  for (let stream = 0; stream < 100; stream++) expect(state).not.toEqual(seedState(3, stream))
})
