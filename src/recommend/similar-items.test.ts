import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { saveArtifact } from '../artifact/index.ts'
import { temporaryFolder, tiny, type TinyOptions } from '../artifact/tiny-model.test-support.ts'
import { createCatalogue } from '../catalogue/index.ts'
import { sasrec } from '../blocks/index.ts'
import { loadEmbedder } from '../embeddings/index.ts'
import { nextItem } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'
import type { Recommender } from './recommender.ts'

const workerUrl = fromSource('worker.ts')

async function saved(contents: Parameters<typeof saveArtifact>[1]): Promise<string> {
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, contents, { createdAt: new Date(0) })
  return folder
}

async function opened(folder: string, onBatch?: (rows: number) => void): Promise<Recommender> {
  const recommender = await loadWith(folder, { threads: 1 }, { workerUrl, ...(onBatch && { onBatch }) })
  onTestFinished(() => recommender.close())
  return recommender
}

const loaded = async (options: TinyOptions = {}): Promise<Recommender> => opened(await saved(tiny(options)))

/** A tiny model whose items have scores of their own. */
function withBias(): Parameters<typeof saveArtifact>[1] {
  const { workflow } = tiny()
  const made = model(workflow.schema, {
    masking: causal(),
    block: sasrec({ width: 8, layers: 1, heads: 2 }),
    heads: [nextItem({ bias: true })],
    maxLength: 6,
  })
  const weights = made.parameters.map(({ name, shape }, at) => {
    const random = createRandom(3, at)
    const size = shape.reduce((all, dim) => all * dim, 1)
    return [name, Float32Array.from({ length: size }, () => 0.4 * random.normal())] as const
  })
  return { model: made, weights: Object.fromEntries(weights), workflow }
}

/** Cosines of all items with one, by their embeddings, written plainly. */
async function byHand(folder: string, item: string): Promise<readonly (readonly [string, number])[]> {
  const embedder = await loadEmbedder(folder, { threads: 1 })
  const { ids, dimensions, values } = await embedder.items()
  await embedder.close()
  const vectorAt = (at: number): Float32Array => values.subarray(at * dimensions, (at + 1) * dimensions)
  const dot = (one: Float32Array, other: Float32Array): number =>
    one.reduce((sum, value, at) => sum + value * other[at]!, 0)
  const own = vectorAt(ids.indexOf(item))
  return ids
    .map((id, at): readonly [string, number] => {
      const vector = vectorAt(at)
      return [id, dot(own, vector) / Math.sqrt(dot(own, own) * dot(vector, vector))]
    })
    .filter(([id]) => id !== item)
    .sort(([, one], [, other]) => other - one)
}

const ids = (found: { readonly items: readonly { readonly item: string }[] } | undefined) =>
  found!.items.map(({ item }) => item)

describe('items like one', () => {
  test.each<[string, () => Parameters<typeof saveArtifact>[1]]>([
    ['a plain model', () => tiny()],
    ['a model whose items have content', () => tiny({ content: true })],
    ['a model whose items have scores of their own', withBias],
  ])('are those of the highest cosines: %s', async (_, contents) => {
    const folder = await saved(contents())
    const recommender = await opened(folder)
    const expected = await byHand(folder, 'i4')
    const found = (await recommender.similar({ item: 'i4' }, { k: 29 }))!
    expect(ids(found)).toEqual(expected.map(([id]) => id))
    for (const [at, { score }] of found.items.entries()) expect(score).toBeCloseTo(expected[at]![1], 5)
    expect(ids(await recommender.similar({ item: 'i4' }))).toEqual(ids(found).slice(0, 10))
  })

  test('come from batches that sessions are scored in, each with its own answer', async () => {
    const batches: number[] = []
    const folder = await saved(tiny())
    const recommender = await opened(folder, (rows) => batches.push(rows))
    const [near, next, far] = await Promise.all([
      recommender.similar({ item: 'i4' }),
      recommender.recommend([{ item: 'i4' }]),
      recommender.similar({ item: 'i9' }),
    ])
    expect(batches).toEqual([3])
    expect(near).toEqual(await recommender.similar({ item: 'i4' }))
    expect(far).toEqual(await recommender.similar({ item: 'i9' }))
    expect(next.items).toEqual((await recommender.recommend([{ item: 'i4' }])).items)
    expect(ids(near)).not.toEqual(ids(far))
  })

  test('are those that were added, too, both ways, until they are removed', async () => {
    const recommender = await loaded({ content: true })
    const item = { columns: { item: 'new', colour: 'red', price: 0.4 }, vectors: { text: [0.3, -0.2] } }
    expect(await recommender.similar({ item: 'new' })).toBeUndefined()
    expect(recommender.knows('new')).toBe(false)
    await recommender.addItems([item, { ...item, columns: { ...item.columns, item: 'twin' } }])
    expect(recommender.knows('new')).toBe(true)
    const [first, second] = (await recommender.similar({ item: 'new' }))!.items
    expect(first).toEqual({ item: 'twin', score: expect.closeTo(1, 5) as number })
    const back = (await recommender.similar({ item: second!.item }, { k: 31 }))!.items
    expect(back.find((each) => each.item === 'new')!.score).toBeCloseTo(second!.score, 5)
    recommender.removeItems(['twin', second!.item])
    expect(recommender.isRemoved('twin')).toBe(true)
    const left = ids(await recommender.similar({ item: 'new' }, { k: 31 }))
    expect(left).toHaveLength(29)
    expect(left).not.toContain('twin')
    expect(left).not.toContain(second!.item)
    // What is like an item that is removed can still be asked.
    expect(ids(await recommender.similar({ item: 'twin' }))[0]).toBe('new')
  })

  test('are what a catalogue has, can be had, and a filter lets pass, from the next call on', async () => {
    const recommender = await loaded()
    const catalogue = createCatalogue({ attributes: { price: 'number' } })
    const find = async (rest: object = {}) =>
      ids(await recommender.similar({ item: 'i4' }, { k: 30, catalogue, ...rest }))
    expect(await find()).toEqual([])
    catalogue.upsert(Array.from({ length: 20 }, (_, at) => ({ item: `i${at}`, attributes: { price: at } })))
    const all = await find()
    expect(all).toHaveLength(19)
    catalogue.change([{ item: all[0]!, available: false }])
    catalogue.delete([all[1]!])
    expect(await find()).toEqual(all.slice(2))
    const cheap = await find({ filter: { attribute: 'price', below: 8 } })
    expect(cheap).toEqual(all.slice(2).filter((item) => Number(item.slice(1)) < 8))
    expect(cheap.length).toBeGreaterThan(0)
  })
})

test('what is near a session is what the model scores highest, without what it has seen', async () => {
  const recommender = await loaded()
  const events = [{ item: 'i3' }, { item: 'nothing' }, { item: 'i8' }]
  const found = (await recommender.similar({ events }, { k: 30 }))!
  expect(found.items).toEqual((await recommender.recommend(events, { k: 28 })).items)
  expect(found.vector).toEqual(await recommender.embed(events))
  expect(found.vector).toHaveLength(recommender.dimensions)
  expect(ids(await recommender.similar({ events }, { k: 30, excludeSeen: false }))).toHaveLength(30)
  expect(await recommender.similar({ events: [{ item: 'nothing' }] })).toBeUndefined()
})

test('a worker that died is replaced, and has the vectors again', async () => {
  const folder = await saved(tiny())
  let kill: (() => Promise<unknown>) | undefined
  const recommender = await loadWith(
    folder,
    { threads: 1 },
    { workerUrl, onThread: (thread) => (kill = () => thread.terminate()) },
  )
  onTestFinished(() => recommender.close())
  const before = await recommender.similar({ item: 'i4' })
  await kill!()
  expect(await recommender.similar({ item: 'i4' })).toEqual(before)
})

test.each<[string, object, object]>([
  ['nothing to be like', {}, {}],
  ['an item and events', { item: 'i1', events: [] }, {}],
  ['an item that is no text', { item: 3 }, {}],
  ['a k of 0', { item: 'i1' }, { k: 0 }],
  ['a filter without a catalogue', { item: 'i1' }, { filter: { attribute: 'price', below: 1 } }],
  [
    'a filter of another attribute',
    { item: 'i1' },
    { filter: { attribute: 'size', below: 1 }, catalogue: createCatalogue() },
  ],
  ['a catalogue that is none', { item: 'i1' }, { catalogue: {} }],
])('%s is refused', async (_, to, options) => {
  const recommender = await loaded()
  await expect(recommender.similar(to as never, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
