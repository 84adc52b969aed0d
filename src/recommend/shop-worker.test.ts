import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder, tiny } from '../artifact/tiny-model.test-support.ts'
import { createCatalogue } from '../catalogue/index.ts'
import { loadEmbedder } from '../embeddings/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'

test('through the worker: filters and boosts over all items, also by a worker that takes the place of one that died', async () => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, tiny(), { createdAt: new Date(0) })
  const threads: Worker[] = []
  const seams = {
    workerUrl: fromSource('worker.ts'),
    onThread: (thread: Worker) => void threads.push(thread),
  }
  const recommender = await loadWith(folder, { threads: 1 }, seams)
  onTestFinished(() => recommender.close())
  const events = [{ item: 'i3' }, { item: 'i4' }]
  const all = await recommender.recommend(events, { k: 30 })
  const catalogue = createCatalogue({ attributes: { size: 'number' } })
  catalogue.upsert(all.items.map(({ item }, at) => ({ item, attributes: { size: at } })))
  const [low, first] = [
    { attribute: 'size', atLeast: 20 },
    { attribute: 'size', is: 27 },
  ] as const
  const ask = (when: typeof low, attribution: string) =>
    recommender.recommend(events, {
      ...{ k: 5, catalogue, attribution },
      rules: {
        filter: when,
        boosts: [{ when: first, add: 100 }],
        quotas: [{ when: { attribute: 'size', is: 25 }, least: 1 }],
      },
    })
  const expected = [27, 20, 21, 22, 25].map((at) => ({
    item: all.items[at]!.item,
    score: expect.closeTo(all.items[at]!.score + (at === 27 ? 100 : 0), 4) as number,
    source: 'model',
  }))
  const answers = await Promise.all(['a', 'b'].map((id) => ask(low, id)))
  expect(answers).toEqual(['a', 'b'].map((attribution) => ({ items: expected, unknown: [], attribution })))
  await threads[0]!.terminate()
  expect((await ask(low, 'c')).items).toEqual(expected)
  expect(threads).toHaveLength(2)
})

test('through the worker: diversity by the vectors of the model is diversity by those that its embedder gives', async () => {
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, tiny({ content: true }), { createdAt: new Date(0) })
  const recommender = await loadWith(folder, { threads: 1 }, { workerUrl: fromSource('worker.ts') })
  onTestFinished(() => recommender.close())
  const embedder = await loadEmbedder(folder, { threads: 1 })
  const { ids, dimensions, values } = await embedder.items()
  await embedder.close()
  const given = (item: string): Float32Array | undefined => {
    const at = ids.indexOf(item)
    return at < 0 ? undefined : values.slice(at * dimensions, (at + 1) * dimensions)
  }
  const fresh = { columns: { item: 'new', colour: 'red', price: 3 }, vectors: { text: [0.3, -0.2] } }
  await recommender.addItems([fresh, { ...fresh, columns: { ...fresh.columns, item: 'twin' } }])
  const events = [{ item: 'i3', colour: 'red', price: 1 }]
  const items = async (weight: number, vectors?: typeof given): Promise<readonly string[]> => {
    const rules = { diversity: { weight }, hide: ['new', 'twin'] }
    const found = await recommender.recommend(events, { k: 12, rules, ...(vectors && { vectors }) })
    return found.items.map(({ item }) => item)
  }
  expect(await items(0.7)).toEqual(await items(0.7, given))
  expect(await items(0.7)).not.toEqual(await items(0))
  // Two that are all alike do not follow one another.
  const both = await recommender.recommend(events, { k: 12, rules: { diversity: { weight: 1 } } })
  const found = both.items.map(({ item }) => item)
  expect(found.filter((item) => item === 'new' || item === 'twin').length).toBeLessThan(2)
})
