import { describe, expect, test } from 'vitest'
import { tiny } from '../artifact/tiny-model.test-support.ts'
import { sasrec } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { graph, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem, type NextItemOptions } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model, type Model } from '../model.ts'
import { createRandom } from '../random.ts'

const runtime = nodeRuntime({ threads: 1 })
type Weights = Readonly<Record<string, Float32Array>>

const randomWeights = (made: Model): Weights =>
  Object.fromEntries(
    made.parameters.map(({ name, shape }, at) => {
      const random = createRandom(3, at)
      const values = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
      return [name, values.map(() => 0.4 * random.normal())]
    }),
  )

const fed = (made: Model, weights: Weights): Readonly<Record<string, TensorData>> =>
  Object.fromEntries(
    made.parameters.map(({ name, shape }) => [name, { dtype: 'float32', dims: shape, data: weights[name]! }]),
  )

const codes = (...values: readonly number[]): TensorData => ({
  dtype: 'int32',
  dims: [1, values.length],
  data: Int32Array.from(values),
})
const numbers = (dims: readonly number[], ...values: readonly number[]): TensorData => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(values),
})

describe.each<[string, NextItemOptions]>([
  ['tied', {}],
  ['with a bias and a temperature', { bias: true, temperature: 0.5 }],
  ['with a table of its own', { tieWeights: false }],
  ['with a projection', { projection: 'tanh', bias: true }],
  ['of cosines', { similarity: 'cosine' }],
  ['of cosines, with a bias and a table of its own', { similarity: 'cosine', bias: true, tieWeights: false }],
])('%s', (_, options) => {
  test('scores are the products of the session and the items', async () => {
    const made = model(
      { items: 9, categorical: {}, continuous: [] },
      { masking: causal(), block: sasrec({ width: 8, layers: 1, heads: 1 }), heads: [nextItem(options)] },
    )
    const weights = fed(made, randomWeights(made))
    const served = await runtime.compile(graph(made.serving()))
    const items = await runtime.compile(made.embeddings().items!)
    const { scores, session } = await served.run({ ...weights, items: codes(3, 5, 4) })
    const { vectors } = await items.run(weights)
    const size = session!.dims[1]!
    expect(vectors!.dims).toEqual([9 - RESERVED, size])
    for (const [item, score] of (scores!.data as Float32Array).entries()) {
      const own = vectors!.data.subarray(item * size, (item + 1) * size) as Float32Array
      const product = own.reduce((sum, value, at) => sum + value * (session!.data[at] as number), 0)
      expect(product).toBeCloseTo(score, 4)
    }
    await Promise.all([served.close(), items.close()])
  })
})

test('an item that is added counts and scores as one of the catalogue that has no vector of its own', async () => {
  const { model: made, weights } = tiny({ content: true })
  const [twin, other] = [7, 12]
  const own = weights['item.weight']!.slice()
  own.fill(0, twin * 8, (twin + 1) * 8)
  const all = fed(made, { ...weights, 'item.weight': own })
  const { content } = made.embeddings()
  const newItems = await runtime.compile(content!)
  const { vectors } = await newItems.run({
    ...all,
    'content.colour': { dtype: 'int32', dims: [1], data: Int32Array.of(twin % 5) },
    'content.price': numbers([1], twin / 10),
    'content.text': numbers([1, 2], Math.sin(2 * twin), Math.sin(2 * twin + 1)),
  })
  const served = await runtime.compile(graph(made.serving()))
  const run = (...items: readonly number[]) =>
    served.run({
      ...all,
      items: codes(...items),
      'categorical.colour': codes(...items.map(() => 2)),
      'continuous.price': numbers([1, items.length], ...items.map(() => 0.5)),
      added: vectors!,
    })
  const added = made.schema.items
  const [known, beyond, without] = [await run(other, twin), await run(other, added), await run(other)]
  for (const [item, score] of (beyond['scores']!.data as Float32Array).entries())
    expect(score).toBeCloseTo(known['scores']!.data[item] as number, 5)
  expect(beyond['scores']!.data[0]).not.toBeCloseTo(without['scores']!.data[0] as number, 2)
  for (const { scores, 'scores.added': own } of [known, beyond, without])
    expect(own!.data[0]).toBeCloseTo(scores!.data[twin - RESERVED] as number, 5)
  await Promise.all([newItems.close(), served.close()])
})

test('padding and unknown items have no content', async () => {
  const { model: made, weights } = tiny({ content: true })
  const items = await runtime.compile(graph({ vectors: made.embeddings().interactions.outputs['vectors']! }))
  const run = async (code: number) => {
    const { vectors } = await items.run({
      ...fed(made, { ...weights, 'item.weight': new Float32Array(weights['item.weight']!.length) }),
      items: codes(code),
      'categorical.colour': codes(0),
      'continuous.price': numbers([1, 1], 0),
    })
    return vectors!.data
  }
  expect(await run(0)).toEqual(await run(1))
  expect(await run(0)).not.toEqual(await run(RESERVED + 5))
  await items.close()
})
