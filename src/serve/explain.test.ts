import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { readArtifact } from '../artifact/index.ts'
import { createClient } from '../client/index.ts'
import { createExplainer, type Explanation } from '../explain/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Event } from '../workflow/index.ts'
import { explaining, keyOptions, keys, saved, served, type Ask, type Asked } from './served.test-support.ts'
import { statuses, underLoad } from './under-load.test-support.ts'

const events = [
  { item: 'i1', values: { colour: 'red', price: 2 } },
  { item: 'nobody', values: { colour: 'red', price: 2 } },
  { item: 'i4', values: { colour: 'blue', price: null } },
]
const raw: readonly Event[] = [
  { item: 'i1', colour: 'red', price: 2 },
  { item: 'nobody', colour: 'red', price: 2 },
  { item: 'i4', colour: 'blue' },
]
const explain = (ask: Ask, body: object): Promise<Asked> =>
  ask('POST', '/v1/explain', { body: { item: 'i7', events, ...body }, key: keys.read })

/** What an explainer of the artifact in the folder says of the same events. */
async function expected(folder: string, method: Explanation['method']) {
  const explainer = createExplainer(await readArtifact(folder), { runtime: nodeRuntime({ threads: 1 }) })
  onTestFinished(() => explainer.close())
  const explanation = await explainer.explain(raw, { item: 'i7', method })
  return {
    ...explanation,
    events: explanation.events.map((each) => ({ ...each, item: raw[each.event]!['item'] })),
  }
}

test('what is answered is what the explainer of the artifact says, of events and of a session, by the client, too', async () => {
  const { ask, root, server } = await served({ keys: keyOptions }, { model: { sides: true } })
  for (const method of ['leave-one-out', 'gradient'] as const) {
    const said = await expected(join(root, 'shop'), method)
    const { json } = await explain(ask, { method })
    expect(json).toMatchObject({ model: 'shop', digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    const { model: _, digest: __, ...explanation } = json as { model: string; digest: string }
    expect(explanation).toEqual(said)
    expect(said.events.some(({ effect }) => effect !== 0)).toBe(true)
  }
  await ask('POST', '/v1/events', {
    body: { events: events.map((each, at) => ({ ...each, id: String(at), session: 's1' })) },
    key: keys.write,
  })
  const client = createClient({ url: server.url, key: keys.read, timeoutMs: 30_000 })
  expect(await client.explain({ item: 'i7', session: 's1' })).toMatchObject(
    await expected(join(root, 'shop'), 'leave-one-out'),
  )
})

test('what cannot be explained is refused, with what is wrong', async () => {
  const refusals: readonly (readonly [string, object, number, string])[] = [
    ['an item that the model does not know', { item: 'nobody' }, 400, 'OPTION_INVALID'],
    ['a session that is none', { events: undefined, session: 'nobody' }, 400, 'OPTION_INVALID'],
    ['another method', { method: 'shapley' }, 400, 'REQUEST_INVALID'],
    ['neither a session nor events', { events: undefined }, 400, 'REQUEST_INVALID'],
    [
      'more events than are explained',
      { events: Array.from({ length: 201 }, () => events[0]) },
      400,
      'REQUEST_INVALID',
    ],
    [
      'an event that does not fit',
      { events: [{ item: 'i1', values: { price: 'dear' } }] },
      400,
      'COLUMN_INVALID',
    ],
    ['a model that is none', { model: 'nobody' }, 404, 'MODEL_UNKNOWN'],
  ]
  const { ask } = await served({ keys: keyOptions }, { model: { sides: true } })
  for (const [what, own, status, code] of refusals)
    expect(await explain(ask, own), what).toMatchObject({ status, json: { code } })
})

test('a server may explain nothing', async () => {
  const { ask } = await served({ keys: keyOptions, limits: { explaining: 0 } })
  expect(await explain(ask, {})).toMatchObject({ status: 409, json: { code: 'NO_EXPLANATIONS' } })
})

test('after a reload the new model is explained, and after a rollback the old one, whatever became of its folder', async () => {
  const { ask, root } = await served({ keys: keyOptions, admin: {} })
  const admin = (path: string, body: object): Promise<Asked> =>
    ask('POST', `/admin/models/shop/${path}`, { body, key: keys.admin })
  const plain = { events: [{ item: 'i1' }, { item: 'i4' }] }
  await saved(root, 'other', { seed: 2 })
  expect((await admin('load', { artifact: 'other' })).status).toBe(200)
  await rm(join(root, 'shop'), { recursive: true })
  const other = await explain(ask, plain)
  expect((await admin('rollback', {})).status).toBe(200)
  const before = await explain(ask, plain)
  expect([other.status, before.status]).toEqual([200, 200])
  expect(before.json).not.toEqual(other.json)
  expect((await admin('rollback', {})).status).toBe(200)
  expect((await explain(ask, plain)).json).toEqual(other.json)
})

test('a thread that died is replaced, and those of closed models have ended', async () => {
  const threads: Worker[] = []
  const { ask, server } = await served(
    { keys: keyOptions },
    { seams: { explain: explaining((thread) => threads.push(thread)) } },
  )
  const plain = { events: [{ item: 'i1' }, { item: 'i4' }] }
  const first = await explain(ask, plain)
  expect(first.status).toBe(200)
  await threads[0]!.terminate()
  expect((await explain(ask, plain)).json).toEqual(first.json)
  expect(threads).toHaveLength(2)
  // What was asked before it closes is answered.
  const last = explain(ask, plain)
  await new Promise((done) => setTimeout(done, 20))
  const [answer] = await Promise.all([last, server.close()])
  expect(answer.json).toEqual(first.json)
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1])
})

test('asked for too much it refuses explanations, and recommends on', async () => {
  const { ask } = await served({ keys: keyOptions, limits: { explaining: 2 } })
  const many = { events: Array.from({ length: 200 }, (_, at) => ({ item: `i${at % 30}` })) }
  expect((await explain(ask, many)).status).toBe(200)
  const load = underLoad(() => explain(ask, many), 12)
  const answers: Asked[] = []
  for (let at = 0; at < 40; at++)
    answers.push(await ask('POST', '/v1/recommend', { body: { events: [{ item: 'i3' }] }, key: keys.read }))
  const { text } = await ask('GET', '/metrics', { key: keys.read })
  const explained = await load.stop()
  expect(statuses(answers)).toEqual([200])
  expect(new Set(statuses(explained))).toEqual(new Set([200, 503]))
  expect(explained.find(({ status }) => status === 503)!.json).toMatchObject({ code: 'OVERLOADED' })
  expect(Number(/^ensuite_explaining (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0)
})
