import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { itemsOf, keyOptions, keys, saved, savedBaseline, served, type Asked } from './served.test-support.ts'
import { statuses, underLoad } from './under-load.test-support.ts'

const session = [{ item: 'i5' }, { item: 'i6' }]

test('a baseline answers every address of a model', async () => {
  const { ask } = await served({ admin: {}, keys: keyOptions }, { baseline: {} })
  const read = (method: string, path: string, body?: unknown): Promise<Asked> =>
    ask(method, path, { key: keys.read, ...(body !== undefined && { body }) })
  const event = { id: 'e1', session: 's1', item: 'i5' }
  expect((await ask('POST', '/v1/events', { body: { events: [event] }, key: keys.write })).json).toEqual({
    accepted: 1,
    known: 0,
  })
  const answer = await read('POST', '/v1/recommend', { session: 's1', k: 3 })
  expect(answer).toMatchObject({ status: 200, json: { unknown: [], model: 'shop' } })
  expect(answer.json).not.toHaveProperty('fallback')
  expect(itemsOf(await read('POST', '/v1/recommend', { events: [{ item: 'i5' }], k: 3 }))).toEqual(
    itemsOf(answer),
  )
  // What nothing was learnt of, and what is unknown, is answered with what is popular, and says so.
  for (const item of ['i29', 'new'])
    expect(await read('POST', '/v1/recommend', { events: [{ item }] })).toMatchObject({
      status: 200,
      json: { fallback: 'popularity' },
    })
  expect(await read('POST', '/v1/similar', { item: 'i5' })).toMatchObject({
    status: 200,
    json: { items: expect.arrayContaining([expect.objectContaining({ source: 'model' })]) as unknown },
  })
  for (const item of ['i29', 'new']) {
    const popular = await read('POST', '/v1/similar', { item, k: 2 })
    expect(popular).toMatchObject({ status: 200, json: { fallback: 'popularity' } })
    // The event above counts: i5 is popular of late.
    expect(itemsOf(popular)).toEqual(['i5', 'i0'])
  }
  const explained = await read('POST', '/v1/explain', { events: session, item: 'i7' })
  expect(explained).toMatchObject({ status: 200, json: { method: 'leave-one-out', item: 'i7' } })
  expect(
    await read('POST', '/v1/explain', { events: session, item: 'i7', method: 'gradient' }),
  ).toMatchObject({
    status: 400,
    json: { code: 'OPTION_INVALID' },
  })
  const diverse = { events: session, rules: { diversity: { weight: 0.5 } } }
  expect(await read('POST', '/v1/recommend', diverse)).toMatchObject({
    status: 400,
    json: { code: 'OPTION_INVALID' },
  })
  expect((await read('GET', '/v1/models')).json).toMatchObject({
    models: [{ items: 30, heads: [], maxLength: Number.MAX_SAFE_INTEGER, itemColumn: 'item' }],
  })
  expect((await read('GET', '/v2/models/shop')).json).toMatchObject({ platform: 'ensuite_baseline' })
  const inputs = [{ name: 'items', datatype: 'BYTES', shape: [1, 1], data: ['i5'] }]
  expect(await read('POST', '/v2/models/shop/infer', { inputs, parameters: { k: 3 } })).toMatchObject({
    status: 200,
    json: { outputs: [{ data: itemsOf(answer) }, { name: 'scores' }] },
  })
  expect((await read('GET', '/health/ready')).status).toBe(200)
  expect((await read('GET', '/metrics')).text).toContain('ensuite_request_duration_seconds')
})

test('a baseline keeps a catalogue, whose new items it does not know', async () => {
  const { ask } = await served(
    { catalogue: { attributes: { price: 'number' } } },
    { baseline: { kind: 'item-knn' } },
  )
  const items = [
    ...Array.from({ length: 12 }, (_, at) => ({ item: `i${at}`, attributes: { price: at } })),
    { item: 'fresh', attributes: { price: 1 }, columns: { colour: 'red' } },
  ]
  expect((await ask('POST', '/v1/catalogue/items', { body: { items } })).status).toBe(200)
  const answer = await ask('POST', '/v1/recommend', { body: { events: session, k: 12 } })
  expect(answer.status).toBe(200)
  const sources = (answer.json as { items: { source: string }[] }).items.map(({ source }) => source)
  expect(new Set(sources)).toEqual(new Set(['model', 'popular', 'catalogue']))
  expect([...sources].sort((one, other) => sources.indexOf(one) - sources.indexOf(other))).toEqual(sources)
  const filter = { attribute: 'price', below: 8 }
  const similar = await ask('POST', '/v1/similar', { body: { item: 'i5', filter, k: 12 } })
  expect(similar.status).toBe(200)
  for (const item of itemsOf(similar)) expect(Number(item.slice(1))).toBeLessThan(8)
})

test('beside a model by weight, in its place and back under load: nothing fails', async () => {
  const { ask, root, server } = await served({ keys: keyOptions, admin: {} })
  await savedBaseline(root, 'vstan')
  await savedBaseline(root, 'ease', { kind: 'ease' })
  await saved(root, 'other', { seed: 2 })
  const admin = (method: string, path: string, body: unknown = {}): Promise<Asked> =>
    ask(method, `/admin${path}`, { body, key: keys.admin })
  expect((await admin('POST', '/models/baseline/load', { artifact: 'vstan' })).status).toBe(200)
  expect((await admin('PUT', '/weights', { weights: { shop: 1, baseline: 1 } })).status).toBe(200)
  const recommend = (events = session): Promise<Asked> =>
    ask('POST', '/v1/recommend', { body: { events }, key: keys.read })
  const models = new Set<string>()
  for (let at = 0; at < 60; at++) {
    const { status, json } = await recommend()
    expect(status).toBe(200)
    models.add((json as { model: string }).model)
  }
  expect([...models].sort()).toEqual(['baseline', 'shop'])

  const load = underLoad(recommend, 4)
  for (const [name, artifact] of [
    ['shop', 'ease'],
    ['baseline', 'other'],
    ['shop', 'shop'],
    ['baseline', 'vstan'],
  ] as const)
    expect(await admin('POST', `/models/${name}/load`, { artifact })).toMatchObject({ status: 200 })
  expect((await admin('POST', '/models/baseline/rollback')).status).toBe(200)
  expect(server.models.named('baseline').current.recommender.dimensions).toBe(8)
  expect((await admin('POST', '/models/baseline/rollback')).status).toBe(200)
  expect(server.models.named('baseline').current.recommender.dimensions).toBe(0)
  const answers = await load.stop()
  expect(statuses(answers)).toEqual([200])

  // The folder of one kind may become the other's.
  await cp(join(root, 'ease'), join(root, 'shop'), { recursive: true, force: true })
  expect(await admin('POST', '/models/shop/load')).toMatchObject({ status: 200 })
})

test('where a rule of the server needs vectors a baseline is not loaded', async () => {
  const rules = { diversity: { weight: 0.5 } }
  const { ask, root } = await served({ keys: keyOptions, admin: {}, rules })
  await savedBaseline(root, 'vstan')
  const load = { key: keys.admin, body: { artifact: 'vstan' } }
  expect(await ask('POST', '/admin/models/shop/load', load)).toMatchObject({
    status: 400,
    json: { code: 'OPTION_INVALID' },
  })
  expect((await ask('POST', '/v1/recommend', { body: { events: session }, key: keys.read })).status).toBe(200)
  await expect(served({ rules }, { baseline: {} })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
