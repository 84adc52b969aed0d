import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { createClient } from '../client/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Recommender } from '../recommend/index.ts'
import { serveWith } from './serve.ts'
import type { ServeOptions } from './settings.ts'
import {
  asking,
  itemsOf,
  keyOptions,
  keys,
  loader,
  saved,
  served,
  type Asked,
} from './served.test-support.ts'

const catalogue = { attributes: { brand: 'text', price: 'number' } } as const
const all = Array.from({ length: 30 }, (_, at) => ({
  item: `i${at}`,
  attributes: { brand: at % 2 === 0 ? 'even' : 'odd', price: at },
}))
const session = { events: [{ item: 'i3' }, { item: 'i8' }] }
const sourcesOf = ({ json }: Asked): readonly string[] =>
  (json as { readonly items: readonly { readonly source: string }[] }).items.map(({ source }) => source)

test('nothing is recommended but what the catalogue has and can be had', async () => {
  const { ask } = await served({ catalogue })
  expect(itemsOf(await ask('POST', '/v1/recommend', { body: session }))).toEqual([])
  expect((await ask('POST', '/v1/catalogue/items', { body: { items: all } })).json).toEqual({ size: 30 })
  const found = itemsOf(await ask('POST', '/v1/recommend', { body: { ...session, k: 5 } }))
  expect(found).toHaveLength(5)
  await ask('POST', '/v1/catalogue/changes', { body: { items: [{ item: found[0]!, available: false }] } })
  await ask('POST', '/v1/catalogue/removals', { body: { items: [found[1]!] } })
  const left = itemsOf(await ask('POST', '/v1/recommend', { body: { ...session, k: 5 } }))
  expect(left.slice(0, 3)).toEqual(found.slice(2))
  expect((await ask('GET', '/v1/catalogue')).json).toMatchObject({
    size: 29,
    attributes: catalogue.attributes,
  })
})

test('the Open Inference Protocol is of the same catalogue and rules', async () => {
  const { ask } = await served({ catalogue, rules: { hide: ['i5'] } })
  await ask('POST', '/v1/catalogue/items', { body: { items: all } })
  await ask('POST', '/v1/catalogue/changes', { body: { items: [{ item: 'i6', available: false }] } })
  const { json } = await ask('POST', '/v2/models/shop/infer', {
    body: {
      inputs: [{ name: 'item', datatype: 'BYTES', shape: [1, 2], data: ['i3', 'i8'] }],
      parameters: { k: 30 },
    },
  })
  const [{ data }] = (json as { readonly outputs: readonly [{ readonly data: readonly string[] }] }).outputs
  const told = itemsOf(await ask('POST', '/v1/recommend', { body: { ...session, k: 30 } }))
  expect(told).toHaveLength(26)
  expect(data.filter((item) => item !== '')).toEqual(told)
})

test('rules of the server hold for all, and one of a request takes the place of that of its name', async () => {
  const { ask } = await served({ catalogue, rules: { filter: { attribute: 'brand', is: 'even' } } })
  await ask('POST', '/v1/catalogue/items', { body: { items: all } })
  const recommend = (body: object = {}) =>
    ask('POST', '/v1/recommend', { body: { ...session, k: 8, ...body } })
  const even = await recommend()
  expect(itemsOf(even)).toHaveLength(8)
  expect(itemsOf(even).every((item) => Number(item.slice(1)) % 2 === 0)).toBe(true)
  expect(new Set(sourcesOf(even))).toEqual(new Set(['model']))
  expect((even.json as { attribution: string }).attribution).toBe(even.headers.get('x-request-id'))
  const odd = await recommend({
    rules: { filter: { attribute: 'brand', is: 'odd' } },
    attribution: 'campaign-7',
    dryRun: true,
  })
  expect(itemsOf(odd).every((item) => Number(item.slice(1)) % 2 === 1)).toBe(true)
  expect(odd.json).toMatchObject({ attribution: 'campaign-7', trace: [{ rule: 'filter', allowed: 15 }] })
  const pinned = await recommend({ rules: { pin: [{ item: 'i20', place: 1 }] } })
  expect(itemsOf(pinned)[0]).toBe('i20')
  expect(sourcesOf(pinned)[0]).toBe('pinned')
})

test('diversity goes by the vectors of the model, as a rule of the server or of a request', async () => {
  const items = async (rules: ServeOptions['rules'], body: object = {}) => {
    const { ask } = await served(rules ? { rules } : {})
    return itemsOf(await ask('POST', '/v1/recommend', { body: { ...session, k: 10, ...body } }))
  }
  const diversity = { weight: 0.8 }
  const plain = await items(undefined)
  const diverse = await items({ diversity })
  expect(diverse).not.toEqual(plain)
  expect(new Set(diverse).size).toBe(10)
  expect(diverse[0]).toBe(plain[0])
  expect(await items(undefined, { rules: { diversity } })).toEqual(diverse)
})

test.each<[string, object]>([
  ['a rule that is none', { rules: { sort: 'up' } }],
  ['an attribute that is none', { rules: { filter: { attribute: 'colour', is: 'red' } } }],
  ['rules that are no object', { rules: [] }],
  ['an attribution with a space', { attribution: 'a b' }],
])('%s is refused', async (_, body) => {
  const { ask } = await served({ catalogue })
  expect((await ask('POST', '/v1/recommend', { body: { ...session, ...body } })).status).toBe(400)
})

test('items that do not fit are refused, and none of them is taken', async () => {
  const { ask } = await served({ catalogue })
  const items = [all[0], { item: 'i1', attributes: { price: 'dear' } }]
  expect((await ask('POST', '/v1/catalogue/items', { body: { items } })).status).toBe(400)
  expect((await ask('GET', '/v1/catalogue')).json).toMatchObject({ size: 0 })
})

test('a server without a catalogue says so', async () => {
  const { ask } = await served()
  for (const answer of [
    await ask('POST', '/v1/catalogue/items', { body: { items: all } }),
    await ask('GET', '/v1/catalogue/items/i1'),
  ])
    expect([answer.status, answer.json]).toEqual([409, expect.objectContaining({ code: 'NO_CATALOGUE' })])
})

test('what is told of items that the catalogue does not have is answered: how many, and which', async () => {
  const { ask } = await served({ catalogue })
  await ask('POST', '/v1/catalogue/items', { body: { items: all } })
  const { version } = (await ask('GET', '/v1/catalogue')).json as { readonly version: number }
  const nobody = Array.from({ length: 150 }, (_, at) => `nobody-${at}`)
  const unknown = { count: 150, items: nobody.slice(0, 100) }
  const changed = (items: readonly string[]) =>
    ask('POST', '/v1/catalogue/changes', {
      body: { items: items.map((item) => ({ item, available: false })) },
    })
  const removed = (items: readonly string[]) => ask('POST', '/v1/catalogue/removals', { body: { items } })
  expect((await changed([...nobody, ...nobody])).json).toEqual({ size: 30, unknown })
  expect((await removed(nobody)).json).toEqual({ size: 30, unknown })
  expect((await ask('GET', '/v1/catalogue')).json).toMatchObject({ version })
  expect((await changed(['i1', 'nobody'])).json).toEqual({
    size: 30,
    unknown: { count: 1, items: ['nobody'] },
  })
  expect((await removed(['i1', 'i2'])).json).toEqual({ size: 28, unknown: { count: 0, items: [] } })
  expect((await removed(['i1'])).json).toEqual({ size: 28, unknown: { count: 1, items: ['i1'] } })
})

test('an item is read as it stands; its times are taken back by null, and an end before the beginning is refused', async () => {
  const { ask, server } = await served({ catalogue }, { model: { content: true } })
  const id = 'a/b 100% é'
  const sent = {
    item: id,
    attributes: { brand: 'Ada', price: 3 },
    ...{ from: 5, until: 2e12, added: 7 },
    ...{ columns: { colour: 'red', price: 3 }, vectors: { text: [0.5, -0.25] } },
  }
  expect((await ask('POST', '/v1/catalogue/items', { body: { items: [sent, ...all] } })).status).toBe(200)
  const read = () => ask('GET', `/v1/catalogue/items/${encodeURIComponent(id)}`)
  expect((await read()).json).toEqual({ ...sent, available: true })
  const change = (more: object) =>
    ask('POST', '/v1/catalogue/changes', { body: { items: [{ item: id, ...more }] } })
  for (const wrong of [{ until: 5 }, { from: 2e12 }, { from: 3, until: 2 }])
    expect(await change(wrong)).toMatchObject({ status: 400, json: { code: 'OPTION_INVALID' } })
  expect((await change({ from: null, until: null, available: false })).status).toBe(200)
  const { from: _, until: __, ...timeless } = sent
  expect(await createClient({ url: server.url }).readItem({ item: id })).toEqual({
    ...timeless,
    available: false,
  })
  expect(await ask('GET', '/v1/catalogue/items/nobody')).toMatchObject({
    status: 404,
    json: { code: 'ITEM_UNKNOWN' },
  })
  for (const [path, items] of [
    ['items', [{ item: 'a\ud800' }]],
    ['items', [{ item: 'x', from: 2, until: 1 }]],
    ['removals', ['a\ud800']],
  ] as const)
    expect((await ask('POST', `/v1/catalogue/${path}`, { body: { items } })).status).toBe(400)
})

test('a new item has a score at once, also of a model that is loaded later', async () => {
  const { ask, root } = await served(
    {
      catalogue,
      admin: {},
      keys: [{ name: 'all', key: 'a-key-of-16-letters', scopes: ['read', 'write', 'admin'] }],
    },
    { model: { content: true } },
  )
  const key = 'a-key-of-16-letters'
  const items = [
    { item: 'new', columns: { colour: 'red', price: 3 }, vectors: { text: [0.3, -0.2] } },
    ...all,
  ]
  expect((await ask('POST', '/v1/catalogue/items', { key, body: { items } })).status).toBe(200)
  const events = { events: [{ item: 'i3', values: { colour: 'red', price: 1 } }], k: 31 }
  const scoreOf = async (): Promise<number | undefined> => {
    const { json } = await ask('POST', '/v1/recommend', { key, body: events })
    const { items: found } = json as {
      readonly items: readonly { item: string; score: number; source: string }[]
    }
    return found.find(({ item, source }) => item === 'new' && source === 'model')?.score
  }
  const before = await scoreOf()
  expect(before).toBeTypeOf('number')
  await saved(root, 'next', { content: true, seed: 2 })
  expect((await ask('POST', '/admin/models/shop/load', { key, body: { artifact: 'next' } })).status).toBe(200)
  const after = await scoreOf()
  expect(after).toBeTypeOf('number')
  expect(after).not.toBe(before)
  const bad = [{ item: 'newer', columns: { colour: 'red' }, vectors: { text: [1] } }]
  expect((await ask('POST', '/v1/catalogue/items', { key, body: { items: bad } })).status).toBe(400)
})

test('a model that does not take what was kept of some new items is loaded, and has the others; one that was replaced is told of nothing more', async () => {
  const warn = vi.fn()
  const logger = { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() }
  const loaded = loader()
  const told: Record<string, string[]> = {}
  const { ask, root } = await served(
    { catalogue, admin: {}, keys: keyOptions },
    {
      model: { content: true },
      seams: {
        logger,
        load: async (folder) => {
          const recommender = await loaded(folder)
          const own: string[] = (told[folder.split('/').at(-1)!] ??= [])
          const prepareItems: Recommender['prepareItems'] = (items) => {
            const ids = items.map(({ columns }) => String(columns['item']))
            if (folder.endsWith('next') && ids.some((id) => id === 'new1' || id === 'new4'))
              return Promise.reject(new EnsuiteError('SHAPE_MISMATCH', 'The vectors are of another size.'))
            own.push(...ids)
            return recommender.prepareItems(items)
          }
          return { ...recommender, prepareItems }
        },
      },
    },
  )
  const item = (id: string): object => ({
    item: id,
    columns: { colour: 'red', price: 3 },
    vectors: { text: [0.3, -0.2] },
  })
  const upsert = (...ids: readonly string[]): Promise<Asked> =>
    ask('POST', '/v1/catalogue/items', { key: keys.write, body: { items: ids.map(item) } })
  const fresh = ['new0', 'new1', 'new2', 'new3', 'new4']
  expect((await upsert(...fresh)).status).toBe(200)
  await saved(root, 'next', { content: true, seed: 2 })
  const body = { artifact: 'next' }
  const load = () => ask('POST', '/admin/models/shop/load', { key: keys.admin, admin: true, body })
  expect((await load()).status).toBe(200)
  expect(told['next']).toEqual(['new0', 'new2', 'new3'])
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ items: 2, first: 'The vectors are of another size.' }),
    expect.stringContaining('does not take all new items'),
  )
  // The first one is there for a rollback, until another has taken the place of that.
  expect((await load()).status).toBe(200)
  expect((await upsert('new5')).status).toBe(200)
  expect(told).toEqual({ shop: fresh, next: expect.arrayContaining(['new5']) as string[] })
  const odd = [{ item: 'new6', columns: { colour: 'red' }, vectors: { image: [1] } }]
  const refused = await ask('POST', '/v1/catalogue/items', { key: keys.write, body: { items: odd } })
  expect(refused).toMatchObject({ status: 400, json: { code: 'OPTION_INVALID' } })
  expect(refused.text).toContain('the models take text')
})

test('without a known item what was sent of late stands in', async () => {
  const { ask } = await served({ catalogue })
  await ask('POST', '/v1/catalogue/items', { body: { items: all } })
  const events = ['a', 'b', 'c'].map((id) => ({ id, session: `s${id}`, item: 'i29' }))
  await ask('POST', '/v1/events', { body: { events } })
  const answer = await ask('POST', '/v1/recommend', { body: { events: [], k: 3 } })
  expect(itemsOf(answer)[0]).toBe('i29')
  expect(sourcesOf(answer)[0]).toBe('popular')
  expect(answer.json).toMatchObject({ fallback: 'popularity' })
})

test('popular are items that there are, by a half-life of the configuration, also after a restart', async () => {
  const root = await temporaryFolder()
  const folder = await saved(root, 'shop')
  let time = 1.7e12
  const kept = join(root, 'catalogue')
  const started = async () => {
    const warn = vi.fn()
    const server = await serveWith(
      {
        models: [{ name: 'shop', folder }],
        drainMs: 0,
        catalogue: { ...catalogue, folder: kept },
        popularity: { halfLifeMinutes: 10 },
      },
      { load: loader(), time: () => time, logger: { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() } },
    )
    const ask = asking(server)
    const popular = async (): Promise<readonly (readonly [string, number])[]> => {
      // A ranking is given again for a second.
      time += 1000
      const { json } = await ask('POST', '/v1/recommend', { body: { events: [], k: 3 } })
      const { items } = json as { readonly items: readonly { item: string; score: number }[] }
      return items.map(({ item, score }) => [item, Math.round(score * 100) / 100] as const)
    }
    return { server, ask, popular, warn }
  }
  const first = await started()
  await first.ask('POST', '/v1/catalogue/items', { body: { items: [...all, { item: 'new' }] } })
  let id = 0
  const send = (items: readonly string[]) =>
    first.ask('POST', '/v1/events', {
      body: { events: items.map((item) => ({ id: `${id++}`, session: 's', item })) },
    })
  await send(['i9', 'i9', 'i9', 'i9', ...Array.from({ length: 50 }, (_, at) => `nobody-${at}`)])
  time += 20 * 60_000
  await send(['new', 'new', 'new'])
  // Four events of two half-lives ago count as one; what there is not, for nothing.
  const expected = [
    ['new', 0.75],
    ['i9', 0.25],
  ] as const
  expect((await first.popular()).slice(0, 2)).toEqual(expected)
  await first.server.close()
  expect((await readdir(kept)).sort()).toEqual(['catalogue.log', 'popularity.json'])
  const second = await started()
  expect((await second.popular()).slice(0, 2)).toEqual(expected)
  await second.server.close()
  await writeFile(join(kept, 'popularity.json'), '{"format": "ensuite popularity 1", "items": [{}]}')
  const third = await started()
  expect((await third.popular())[0]![0]).toBe('i0')
  expect(third.warn.mock.calls.map(([, message]) => message as string)).toEqual([
    expect.stringContaining('what was popular cannot be read'),
  ])
  await third.server.close()
})

test.each([{ halfLifeMinutes: 0 }, { halfLife: 3 }, 'a day'])(
  'popularity %j is refused',
  async (popularity) => {
    await expect(served({ popularity: popularity as never })).rejects.toMatchObject({
      code: expect.stringMatching(/^OPTION_/) as string,
    })
  },
)

test('each item says who recommends it, with a catalogue and rules or without', async () => {
  const plain = await served()
  const asked = (own: Pick<typeof plain, 'ask'>, body: object) => own.ask('POST', '/v1/recommend', { body })
  const known = await asked(plain, session)
  expect([new Set(sourcesOf(known)), known.json]).toEqual([
    new Set(['model']),
    expect.not.objectContaining({ fallback: expect.anything() as unknown }),
  ])
  const unknown = await asked(plain, { events: [{ item: 'nobody' }] })
  expect(new Set(sourcesOf(unknown))).toEqual(new Set(['popular']))
  expect(unknown.json).toMatchObject({ fallback: 'popularity' })
  const own = await served({ catalogue })
  const items = [{ item: 'new' }, { item: 'newer', added: 5 }, ...all.slice(0, 2)]
  await own.ask('POST', '/v1/catalogue/items', { body: { items } })
  const rules = { pin: [{ item: 'i1', place: 3 }] }
  const mixed = await asked(own, { ...session, k: 9, rules })
  expect(itemsOf(mixed).map((item, at) => `${item} ${sourcesOf(mixed)[at]!}`)).toEqual([
    'i0 model',
    'newer catalogue',
    'i1 pinned',
    'new catalogue',
  ])
})

test('what was sent of items is there after a restart, with the embeddings of new ones; a full disk is 503 and changes nothing', async () => {
  const root = await temporaryFolder()
  const folder = await saved(root, 'shop', { content: true })
  let isFull = false
  const restarted = async () => {
    const server = await serveWith(
      {
        models: [{ name: 'shop', folder }],
        drainMs: 0,
        catalogue: { ...catalogue, folder: join(root, 'catalogue') },
      },
      {
        load: loader(),
        catalogue: {
          openFile: async (path, flags) => {
            const file = await open(path, flags)
            const sync = file.sync.bind(file)
            file.sync = () => (isFull ? Promise.reject(new Error('ENOSPC')) : sync())
            return file
          },
        },
      },
    )
    return { server, ask: asking(server) }
  }
  const first = await restarted()
  const put = (text: readonly number[], item = 'new') => ({
    items: [{ item, columns: { colour: 'red', price: 3 }, vectors: { text } }, ...all],
  })
  const scores = async ({ ask }: Pick<typeof first, 'ask'>): Promise<unknown> =>
    (
      (
        await ask('POST', '/v1/recommend', {
          body: { events: [{ item: 'i3', values: { colour: 'red', price: 1 } }], k: 31 },
        })
      ).json as { items: unknown }
    ).items
  expect((await first.ask('POST', '/v1/catalogue/items', { body: put([0.3, -0.2]) })).status).toBe(200)
  const before = await scores(first)
  expect(before).toContainEqual(expect.objectContaining({ item: 'new', source: 'model' }))
  isFull = true
  const changes = { items: [{ item: 'i4', available: false }] }
  for (const [path, body] of [
    ['items', put([5, 5])],
    ['items', put([5, 5], 'newer')],
    ['changes', changes],
    ['removals', { items: ['i5'] }],
  ] as const)
    expect(await first.ask('POST', `/v1/catalogue/${path}`, { body })).toMatchObject({
      status: 503,
      json: { code: 'UNAVAILABLE' },
    })
  expect(await scores(first)).toEqual(before)
  isFull = false
  expect((await first.ask('POST', '/v1/catalogue/changes', { body: changes })).status).toBe(200)
  const changed = await scores(first)
  expect(changed).not.toEqual(before)
  await first.server.close()
  const second = await restarted()
  expect(await scores(second)).toEqual(changed)
  await second.server.close()
})

test('an event that is sent again is not counted again, and an item of the longest id has an address', async () => {
  const { ask } = await served({ catalogue })
  await ask('POST', '/v1/catalogue/items', { body: { items: all } })
  const send = (item: string, from: number, until: number) =>
    ask('POST', '/v1/events', {
      body: {
        events: Array.from({ length: until - from }, (_, at) => ({
          id: `${item} ${from + at}`.replace(' ', '-'),
          session: 's',
          item,
        })),
      },
    })
  await send('i7', 0, 3)
  await send('i9', 0, 2)
  for (let times = 0; times < 5; times++) await send('i9', 0, 2)
  // One that is new, before one that was taken as something else.
  for (let times = 0; times < 5; times++)
    await ask('POST', '/v1/events', {
      body: {
        events: [
          { id: `new-${times}`, session: 's', item: 'i7' },
          { id: 'i9-0', session: 's', item: 'i11' },
        ],
      },
    })
  const popular = itemsOf(
    await ask('POST', '/v1/recommend', { body: { events: [{ item: 'unknown' }], k: 2 } }),
  )
  expect(popular).toEqual(['i7', 'i9'])
  const item = '語'.repeat(512)
  await ask('POST', '/v1/catalogue/items', { body: { items: [{ item }] } })
  const found = await ask('GET', `/v1/catalogue/items/${encodeURIComponent(item)}`)
  expect(found.json, found.text).toMatchObject({ item })
})
