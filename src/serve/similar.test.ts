import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { createClient } from '../client/index.ts'
import { loadEmbedder } from '../embeddings/index.ts'
import type { VectorRow, VectorSchema } from '../vector-store/index.ts'
import type { Logger } from './log.ts'
import type { Model } from './models.ts'
import type { Parts } from './parts.ts'
import { similarFor } from './similar-for.ts'
import { itemsOf, saved, served, type Asked, type Served } from './served.test-support.ts'
import type { ServeOptions } from './settings.ts'
import { faultyVectors, type FaultyVectors } from './vectors/vectors.test-support.ts'

const catalogue = { attributes: { price: 'number' } } as const
const all = Array.from({ length: 30 }, (_, at) => ({ item: `i${at}`, attributes: { price: at } }))
const sourcesOf = ({ json }: Asked): readonly string[] => [
  ...new Set((json as { items: { source: string }[] }).items.map(({ source }) => source)),
]
const similar = ({ ask }: Pick<Served, 'ask'>, body: object): Promise<Asked> =>
  ask('POST', '/v1/similar', { body })

describe('by the own vectors of the model', () => {
  test('of an item, of events and of a session', async () => {
    const own = await served()
    const { ask, server } = own
    const { recommender, digest } = server.models.named('shop').current
    const ofItem = await similar(own, { item: 'i4', k: 5 })
    expect(ofItem.json).toMatchObject({ model: 'shop', digest })
    expect(ofItem.json).not.toHaveProperty('fallback')
    expect(itemsOf(ofItem)).toEqual(
      (await recommender.similar({ item: 'i4' }, { k: 5 }))!.items.map(({ item }) => item),
    )
    expect(sourcesOf(ofItem)).toEqual(['model'])
    const events = [{ item: 'i3' }, { item: 'i8' }]
    const ofEvents = await similar(own, { events, k: 28 })
    expect(itemsOf(ofEvents)).toEqual(
      itemsOf(await ask('POST', '/v1/recommend', { body: { events, k: 28 } })),
    )
    await ask('POST', '/v1/events', {
      body: { events: events.map(({ item }, at) => ({ id: `${at}`, session: 's1', item })) },
    })
    expect(itemsOf(await similar(own, { session: 's1', k: 28 }))).toEqual(itemsOf(ofEvents))
    expect((await similar(own, { item: 'i4', k: 500, session: 's1' })).status).toBe(200)
    const client = createClient({ url: server.url })
    expect(await client.similar({ item: 'i4', k: 5 })).toEqual(ofItem.json)
  })

  test('of what the catalogue has, can be had and a filter lets pass, of items that came since training too', async () => {
    const own = await served({ catalogue }, { model: { content: true } })
    const { ask } = own
    expect(itemsOf(await similar(own, { item: 'i4' }))).toEqual([])
    const fresh = { columns: { colour: 'red', price: 3 }, vectors: { text: [0.3, -0.2] } }
    const items = [...all, { item: 'new', ...fresh, attributes: { price: 99 } }]
    await ask('POST', '/v1/catalogue/items', { body: { items } })
    const found = itemsOf(await similar(own, { item: 'i4', k: 40 }))
    expect(found).toHaveLength(30)
    expect(found).toContain('new')
    expect(sourcesOf(await similar(own, { item: 'new' }))).toEqual(['model'])
    await ask('POST', '/v1/catalogue/changes', { body: { items: [{ item: found[0]!, available: false }] } })
    await ask('POST', '/v1/catalogue/removals', { body: { items: [found[1]!] } })
    expect(itemsOf(await similar(own, { item: 'i4', k: 40 }))).toEqual(found.slice(2))
    const filter = { attribute: 'price', below: 7 }
    const cheap = itemsOf(await similar(own, { item: 'i4', k: 40, filter }))
    expect(cheap).toEqual(found.slice(2).filter((item) => Number(item.slice(1)) < 7))
    expect((await similar(own, { item: 'i4', filter: { attribute: 'size', below: 7 } })).status).toBe(400)
  })

  test('of what the model does not know what is popular stands in, and says so', async () => {
    const own = await served()
    for (const body of [{ item: 'nothing' }, { events: [{ item: 'nothing' }] }, { events: [] }]) {
      const answer = await similar(own, { ...body, k: 3 })
      expect(answer.json).toMatchObject({ fallback: 'popularity', model: 'shop' })
      expect([itemsOf(answer), sourcesOf(answer)]).toEqual([['i0', 'i1', 'i2'], ['popular']])
    }
    const events = ['a', 'b', 'c'].map((id) => ({ id, session: id, item: 'nothing' }))
    await own.ask('POST', '/v1/events', { body: { events } })
    // Not the item itself, however popular it is.
    expect(itemsOf(await similar(own, { item: 'nothing', k: 3 }))).toEqual(['i0', 'i1', 'i2'])
  })

  test.each<[string, object]>([
    ['nothing to be like', {}],
    ['an item and events', { item: 'i1', events: [] }],
    ['a filter that nothing has the attributes of', { item: 'i1', filter: { attribute: 'price', below: 1 } }],
    ['a filter that is none', { item: 'i1', filter: [] }],
    ['a k of 0', { item: 'i1', k: 0 }],
  ])('%s is refused', async (_, body) => {
    expect((await similar(await served(), body)).status).toBe(400)
  })

  test('an unknown model is refused', async () => {
    expect((await similar(await served(), { item: 'i1', model: 'nobody' })).status).toBe(404)
  })
})

const cosine: VectorSchema = { dimensions: 8, similarity: 'cosine' }

/** The items of the tiny model as rows. */
async function rowsOf(
  root: string,
): Promise<{ readonly rows: readonly VectorRow[]; readonly digest: string }> {
  const embedder = await loadEmbedder(join(root, 'shop'), { threads: 1 })
  const { ids, dimensions, values } = await embedder.items()
  await embedder.close()
  const rows = ids.map((id, at) => ({ id, vector: values.slice(at * dimensions, (at + 1) * dimensions) }))
  return { rows, digest: embedder.digest }
}

interface WithStore extends Served {
  readonly store: FaultyVectors
  readonly warnings: ReturnType<typeof vi.fn>
}

/** A server of a tiny model beside a vector store that `fill` fills before it starts. */
async function withStore(
  fill: (store: FaultyVectors, own: Awaited<ReturnType<typeof rowsOf>>) => Promise<void>,
  options: Partial<ServeOptions> = {},
): Promise<WithStore> {
  const store = await faultyVectors()
  const root = await temporaryFolder()
  await saved(root, 'shop')
  await fill(store, await rowsOf(root))
  const warnings = vi.fn()
  const logger: Logger = { debug: vi.fn(), info: vi.fn(), warn: warnings, error: vi.fn() }
  const made = await served(
    { vectors: { kind: 'exact', folder: 'unused', timeoutMs: 1000, refreshMs: 50 }, ...options },
    { seams: { logger, vectors: () => store.database } },
  )
  return { ...made, store, warnings }
}

describe('by a vector store', () => {
  test('of the vectors of the model: items and sessions, as the model says', async () => {
    const own = await withStore((store, { rows, digest }) => store.publish('v1', rows, cosine, digest))
    const { recommender } = own.server.models.named('shop').current
    const ofItem = await similar(own, { item: 'i4', k: 28 })
    expect(sourcesOf(ofItem)).toEqual(['store'])
    expect(itemsOf(ofItem)).toEqual(
      (await recommender.similar({ item: 'i4' }, { k: 28 }))!.items.map(({ item }) => item),
    )
    const events = [{ item: 'i3' }, { item: 'i8' }]
    const ofSession = await similar(own, { events, k: 30 })
    expect(sourcesOf(ofSession)).toEqual(['store'])
    expect([...itemsOf(ofSession)].sort()).toEqual(
      Array.from({ length: 30 }, (_, at) => `i${at}`)
        .filter((item) => item !== 'i3' && item !== 'i8')
        .sort(),
    )
    expect((await own.ask('GET', '/metrics')).text).toMatch(
      /ensuite_vector_searches_total\{outcome="answered"\} 2/,
    )
    expect((await own.ask('GET', '/metrics')).text).toMatch(/ensuite_vector_breaker 0/)
    expect(own.warnings).not.toHaveBeenCalled()
  })

  test('of products: sessions have the scores of the model, and items are left to the model', async () => {
    const own = await withStore((store, { rows }) =>
      store.publish('v1', rows, { ...cosine, similarity: 'dot' }),
    )
    const events = [{ item: 'i3' }, { item: 'i8' }]
    const ofSession = await similar(own, { events, k: 28 })
    expect(sourcesOf(ofSession)).toEqual(['store'])
    const recommended = await own.ask('POST', '/v1/recommend', { body: { events, k: 28 } })
    expect(itemsOf(ofSession)).toEqual(itemsOf(recommended))
    for (let time = 0; time < 3; time++)
      expect(sourcesOf(await similar(own, { item: 'i4' }))).toEqual(['model'])
    expect(own.warnings.mock.calls.map(([, message]) => message as string)).toEqual([
      expect.stringContaining('compares by products'),
    ])
  })

  test('what the catalogue has not, or has no more, is left out at once; a filter of either holds', async () => {
    const own = await withStore(
      (store, { rows }) =>
        store.publish(
          'v1',
          rows.map((row) => ({
            ...row,
            attributes: { brand: Number(row.id.slice(1)) % 2 === 0 ? 'even' : 'odd' },
          })),
          { ...cosine, attributes: { brand: 'text' } },
        ),
      { catalogue },
    )
    await own.ask('POST', '/v1/catalogue/items', { body: { items: all.slice(0, 20) } })
    const found = await similar(own, { item: 'i4', k: 40 })
    expect([itemsOf(found).length, sourcesOf(found)]).toEqual([19, ['store']])
    const [first, second] = itemsOf(found)
    await own.ask('POST', '/v1/catalogue/changes', { body: { items: [{ item: first!, available: false }] } })
    await own.ask('POST', '/v1/catalogue/removals', { body: { items: [second!] } })
    const left = itemsOf(found).slice(2)
    expect(itemsOf(await similar(own, { item: 'i4', k: 40 }))).toEqual(left)
    const cheap = await similar(own, { item: 'i4', k: 40, filter: { attribute: 'price', below: 7 } })
    expect(itemsOf(cheap)).toEqual(left.filter((item) => Number(item.slice(1)) < 7))
    const filter = { attribute: 'brand', is: 'odd' }
    const odd = await similar(own, { item: 'i4', k: 40, filter })
    expect(itemsOf(odd)).toEqual(left.filter((item) => Number(item.slice(1)) % 2 === 1))
    expect([sourcesOf(cheap), sourcesOf(odd)]).toEqual([['store'], ['store']])
    expect((await similar(own, { item: 'i4', filter: { attribute: 'size', is: 'L' } })).status).toBe(400)
    // What nobody can say to be odd is not answered.
    own.store.become('down')
    expect((await similar(own, { item: 'i4', filter })).json).toMatchObject({ items: [] })
    expect(sourcesOf(await similar(own, { item: 'i4' }))).toEqual(['model'])
  })

  test('what the rules of the server hide, or their filter does not let pass, is found by nobody, for as long as it is so', async () => {
    let time = 1000
    const rules = {
      hide: ['i1', { item: 'i2', until: 2000 }],
      filter: { not: { attribute: 'price', above: 20 } },
    }
    const store = await faultyVectors()
    const root = await temporaryFolder()
    await saved(root, 'shop')
    const { rows } = await rowsOf(root)
    const brands = rows.map((row) => ({ ...row, attributes: { brand: Number(row.id.slice(1)) % 2 } }))
    await store.publish('v1', brands, { ...cosine, attributes: { brand: 'number' } })
    const own = await served(
      { catalogue, rules, vectors: { kind: 'exact', folder: 'unused', timeoutMs: 1000, refreshMs: 50 } },
      { seams: { vectors: () => store.database, time: () => time } },
    )
    await own.ask('POST', '/v1/catalogue/items', {
      body: { items: [...all, { item: 'i0', until: 3000, attributes: { price: 0 } }] },
    })
    const wanted = (filter: (at: number) => boolean): readonly string[] =>
      [...Array(21).keys()]
        .filter((at) => at !== 4 && filter(at))
        .map((at) => `i${at}`)
        .sort()
    const found = async (body: object): Promise<readonly string[]> =>
      [...itemsOf(await similar(own, { k: 40, ...body }))].sort()
    for (const from of ['store', 'model'] as const) {
      time = 1000
      expect(sourcesOf(await similar(own, { item: 'i4' }))).toEqual([from])
      expect(await found({ item: 'i4' })).toEqual(wanted((at) => at !== 1 && at !== 2))
      expect(await found({ events: [{ item: 'i4' }] })).toEqual(wanted((at) => at !== 1 && at !== 2))
      const cheap = { attribute: 'price', below: 9 }
      expect(await found({ item: 'i4', filter: cheap })).toEqual(
        wanted((at) => at !== 1 && at !== 2 && at < 9),
      )
      expect(itemsOf(await similar(own, { item: 'nobody', k: 3 }))).toEqual(['i0', 'i3', 'i4'])
      time = 2000
      expect(await found({ item: 'i4' })).toEqual(wanted((at) => at !== 1))
      time = 3000
      expect(await found({ item: 'i4' })).toEqual(wanted((at) => at > 1))
      store.become('down')
    }
  })

  test('a filter of both: what has to be true at once is asked of each; what neither can tell is refused', async () => {
    const own = await withStore(
      (store, { rows }) =>
        store.publish(
          'v1',
          rows.map((row) => ({
            ...row,
            attributes: { brand: Number(row.id.slice(1)) % 2 ? 'odd' : 'even' },
          })),
          { ...cosine, attributes: { brand: 'text' } },
        ),
      { catalogue },
    )
    await own.ask('POST', '/v1/catalogue/items', { body: { items: all } })
    const odd = { attribute: 'brand', is: 'odd' }
    const cheap = { attribute: 'price', below: 9 }
    for (const filter of [
      { all: [odd, cheap] },
      { all: [cheap, { all: [{ not: { not: odd } }, { any: [cheap] }] }] },
      { not: { any: [{ not: odd }, { not: cheap }] } },
    ]) {
      const answer = await similar(own, { item: 'i4', k: 40, filter })
      expect([[...itemsOf(answer)].sort(), sourcesOf(answer)]).toEqual([['i1', 'i3', 'i5', 'i7'], ['store']])
    }
    for (const [filter, said] of [
      [
        { any: [odd, cheap] },
        /a part of this filter holds attributes of the catalogue and of the vector store/,
      ],
      [{ not: { all: [odd, cheap] } }, /neither can tell alone/],
      [{ all: [odd, cheap, { attribute: 'size', is: 'L' }] }, /no attribute "size"; there is brand, price/],
    ] as const)
      expect(await similar(own, { item: 'i4', filter })).toMatchObject({
        status: 400,
        json: { code: 'OPTION_INVALID', message: expect.stringMatching(said) as string },
      })
    own.store.become('down')
    expect((await similar(own, { item: 'i4', filter: { all: [odd, cheap] } })).json).toMatchObject({
      items: [],
    })
  })

  test('of an attribute that both know, what the catalogue says counts', async () => {
    const own = await withStore(
      (store, { rows }) =>
        store.publish(
          'v1',
          rows.map((row) => ({ ...row, attributes: { price: 1 } })),
          { ...cosine, attributes: { price: 'number' } },
        ),
      { catalogue },
    )
    await own.ask('POST', '/v1/catalogue/items', { body: { items: all } })
    const dear = await similar(own, { item: 'i4', k: 40, filter: { attribute: 'price', atLeast: 25 } })
    expect([...itemsOf(dear)].sort()).toEqual(['i25', 'i26', 'i27', 'i28', 'i29'])
    expect(sourcesOf(dear)).toEqual(['store'])
  })

  test('content of another size answers for what the model does not know alone, also in recommend', async () => {
    const content: VectorSchema = { dimensions: 2, similarity: 'cosine' }
    const rows = [
      ...[1, 2, 3].map((at) => ({ id: `i${at}`, vector: Float32Array.of(1, at / 10) })),
      { id: 'i9', vector: Float32Array.of(-1, 0) },
      { id: 'new', vector: Float32Array.of(1, 0) },
      { id: 'other', vector: Float32Array.of(1, 0.05) },
    ]
    const own = await withStore((store) => store.publish('v1', rows, content))
    const likeNew = ['other', 'i1', 'i2', 'i3', 'i9']
    const ofItem = await similar(own, { item: 'new' })
    expect([itemsOf(ofItem), sourcesOf(ofItem)]).toEqual([likeNew, ['store']])
    const ofSession = await similar(own, { events: [{ item: 'new' }, { item: 'nothing' }] })
    expect([itemsOf(ofSession), sourcesOf(ofSession)]).toEqual([likeNew, ['store']])
    for (const body of [
      { item: 'i1' },
      { item: 'i2' },
      { events: [{ item: 'i1' }] },
      { events: [{ item: 'new' }, { item: 'i1' }] },
    ])
      expect(sourcesOf(await similar(own, body))).toEqual(['model'])
    expect(own.warnings.mock.calls.map(([, message]) => message as string)).toEqual([
      expect.stringContaining('does not fit a model'),
    ])
    const recommend = (events: readonly object[]) =>
      own.ask('POST', '/v1/recommend', { body: { events, k: 4 } })
    expect((await recommend([{ item: 'new' }])).json).toMatchObject({
      unknown: ['new'],
      items: likeNew.slice(0, 4).map((item) => ({ item, source: 'similar' })),
    })
    // Where the model or nobody knows a session, answers are what they are without a store.
    const plain = await served()
    for (const events of [[{ item: 'new' }, { item: 'i1' }], [{ item: 'nothing' }], []])
      expect((await recommend(events)).json).toEqual(
        (await plain.ask('POST', '/v1/recommend', { body: { events, k: 4 } })).json,
      )
  })

  test('vectors of another model are not searched with sessions of this one', async () => {
    const own = await withStore((store, { rows }) => store.publish('v1', rows, cosine, 'ab'.repeat(32)))
    for (const body of [{ item: 'i1' }, { events: [{ item: 'i1' }] }])
      expect(sourcesOf(await similar(own, body))).toEqual(['model'])
    expect(own.warnings.mock.calls.map(([, message]) => message as string)).toEqual([
      expect.stringContaining('is of another model'),
    ])
  })

  test('another version is taken up after it was taken into use', async () => {
    const own = await withStore((store, { rows }) => store.publish('v1', rows.slice(0, 5), cosine))
    expect(itemsOf(await similar(own, { item: 'i4', k: 40 }))).toHaveLength(4)
    const { rows } = await rowsOf(own.root)
    await own.store.publish('v2', rows, cosine)
    await expect.poll(async () => itemsOf(await similar(own, { item: 'i4', k: 40 })).length).toBe(29)
  })

  test('a store without a version in use, and one that cannot be opened, do not keep the server from starting', async () => {
    const own = await withStore(() => Promise.resolve())
    expect(sourcesOf(await similar(own, { item: 'i4' }))).toEqual(['model'])
    expect((await own.ask('GET', '/health/ready')).status).toBe(200)
    const { rows } = await rowsOf(own.root)
    await own.store.publish('v1', rows, cosine)
    await expect.poll(async () => sourcesOf(await similar(own, { item: 'i4' }))).toEqual(['store'])
    const down = await withStore((store) => {
      store.become('down')
      return Promise.resolve()
    })
    expect(sourcesOf(await similar(down, { item: 'i4' }))).toEqual(['model'])
  })
})

test.each<[string, object]>([
  ['a kind that is none', { kind: 'faiss', folder: 'x' }],
  ['no folder', { kind: 'exact' }],
  ['no address', { kind: 'milvus', name: 'items' }],
  ['an option of another kind', { kind: 'exact', folder: 'x', probes: 1 }],
  ['a timeout of 0', { kind: 'exact', folder: 'x', timeoutMs: 0 }],
  ['a pause that is no number', { kind: 'usearch', folder: 'x', pauseMs: '1' }],
  ['what is no object', 'exact' as unknown as object],
])('settings of a vector store: %s is refused', async (_, vectors) => {
  await expect(served({ vectors: vectors as never })).rejects.toMatchObject({
    code: expect.stringMatching(/^OPTION_/) as string,
  })
})

test('a filter that was asked before the store opened is not dropped where it opens meanwhile', async () => {
  const like = vi.fn(() => Promise.resolve([{ id: 'b', score: 1 }]))
  const parts = {
    vectors: { latest: undefined, fits: () => true, like, near: like },
    shop: { time: () => 0 },
    now: () => 0,
  } as unknown as Parts
  const model = (): Model => ({ current: { recommender: { knows: () => false } } }) as unknown as Model
  const asked = { model, to: { item: 'a' }, k: 1, filter: { attribute: 'price', is: 1 } }
  expect((await similarFor(asked, parts, { stage: () => undefined })).items).toEqual([])
  expect(like).not.toHaveBeenCalled()
  const { filter: _, ...without } = asked
  expect(
    (await similarFor({ ...without, filter: undefined }, parts, { stage: () => undefined })).items,
  ).toEqual([{ item: 'b', score: 1 }])
})
