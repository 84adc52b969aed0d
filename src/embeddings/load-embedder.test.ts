import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder, tiny, type TinyOptions } from '../artifact/tiny-model.test-support.ts'
import { graph, type TensorData } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { loadEmbedder } from './load-embedder.ts'

async function loaded(options: TinyOptions) {
  const made = tiny(options)
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, made, { createdAt: new Date(0) })
  const embedder = await loadEmbedder(folder, { threads: 1 })
  onTestFinished(() => embedder.close())
  return { ...made, embedder }
}

const row = (...values: readonly number[]): TensorData => ({
  dtype: 'int32',
  dims: [1, values.length],
  data: Int32Array.from(values),
})

test.each([{}, { content: true }, { block: 'gpt2' as const, sides: true }])(
  'the product of a session and an item is its score: %o',
  async (options) => {
    const { model, weights, workflow, embedder } = await loaded(options)
    const { ids, dimensions, values } = await embedder.items()
    expect(ids).toEqual(workflow.vocabulary('item').values)
    expect(values).toHaveLength(ids.length * dimensions)
    const served = await nodeRuntime({ threads: 1 }).compile(graph(model.serving()), { weights })
    const feeds: Readonly<Record<string, TensorData>> = {
      items: row(4, 9, 11),
      'categorical.colour': row(2, 3, 2),
      'continuous.price': { dtype: 'float32', dims: [1, 3], data: Float32Array.of(1, 2, 3) },
      added: { dtype: 'float32', dims: [1, 8], data: new Float32Array(8) },
    }
    const taken = Object.fromEntries(Object.entries(feeds).filter(([name]) => served.inputs.includes(name)))
    const { scores, session } = await served.run(taken)
    await served.close()
    const query = session!.data as Float32Array
    for (const [at, score] of (scores!.data as Float32Array).entries()) {
      const own = values.subarray(at * dimensions, (at + 1) * dimensions)
      expect(own.reduce((sum, value, place) => sum + value * query[place]!, 0)).toBeCloseTo(score, 4)
    }
  },
)

test('interactions are a row an event of a known item, and do not depend on each other', async () => {
  const { embedder } = await loaded({ sides: true })
  const events = [
    { item: 'i3', colour: 'red', price: 1 },
    { item: 'nothing', colour: 'red', price: 1 },
    { item: 'i8', colour: 'mauve' },
  ]
  const all = await embedder.interactions(events)
  expect(all.ids).toEqual(['i3', 'i8'])
  expect(all.values).toHaveLength(2 * all.dimensions)
  const alone = await embedder.interactions([events[2]!])
  expect(Array.from(alone.values)).toEqual(
    Array.from(all.values.subarray(all.dimensions), (value) => expect.closeTo(value, 5) as number),
  )
  expect((await embedder.interactions([events[1]!])).values).toHaveLength(0)
})
