import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { freePort, hasRedis, startRedis } from './redis.test-support.ts'
import { reloadUnderLoad } from './reloads.test-support.ts'
import { itemsOf, keyOptions, keys, saved, served, type Ask, type Asked } from './served.test-support.ts'
import { statuses, underLoad } from './under-load.test-support.ts'

const body = { events: [{ item: 'i3' }, { item: 'i4' }] }
const recommend = (ask: Ask): Promise<Asked> => ask('POST', '/v1/recommend', { body, key: keys.read })

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

test('a scoring worker that is killed under load costs no answer, and another takes its place', async () => {
  const { ask, thread } = await served({ keys: keyOptions })
  const load = underLoad(() => recommend(ask))
  const killed = new Set<unknown>()
  for (let kill = 0; kill < 3; kill++) {
    await pause(150)
    killed.add(thread())
    // Between two runs: where a thread is ended in one, ONNX Runtime aborts the whole process.
    await new Promise((died) => {
      thread().once('exit', died)
      thread().postMessage(null)
    })
    expect(await recommend(ask)).toMatchObject({ status: 200 })
  }
  const answers = await load.stop()
  expect(killed.size).toBe(3)
  expect(answers.length).toBeGreaterThan(20)
  // A worker that dies twice under the same batch is the one thing that is told of.
  expect(statuses(answers).every((status) => status === 200 || status === 503)).toBe(true)
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0.9 * answers.length)
})

test('good and bad artifacts are put in place under load: no request fails, and a bad one changes nothing', async () => {
  await reloadUnderLoad({ good: 10, bad: 4 })
})

test('a rollback goes back to what answered before, and forward again', async () => {
  const { ask, root } = await served({ keys: keyOptions, admin: {} })
  const rollback = (): Promise<Asked> =>
    ask('POST', '/admin/models/shop/rollback', { body: {}, key: keys.admin })
  expect(await rollback()).toMatchObject({ status: 409, json: { code: 'NOTHING_BEFORE' } })
  const before = itemsOf(await recommend(ask))
  await saved(root, 'other', { seed: 2 })
  await ask('POST', '/admin/models/shop/load', { body: { artifact: 'other' }, key: keys.admin })
  // What answered before needs no folder any more.
  await rm(join(root, 'shop'), { recursive: true })
  const after = itemsOf(await recommend(ask))
  expect(after).not.toEqual(before)
  expect((await rollback()).status).toBe(200)
  expect(itemsOf(await recommend(ask))).toEqual(before)
  expect((await rollback()).status).toBe(200)
  expect(itemsOf(await recommend(ask))).toEqual(after)
})

test('two models share the sessions by weight, and a session stays with its model', async () => {
  const { ask, root } = await served({ keys: keyOptions, admin: {} })
  await saved(root, 'other', { seed: 2 })
  const admin = (method: string, path: string, given?: object): Promise<Asked> =>
    ask(method, path, { ...(given && { body: given }), key: keys.admin })
  const modelOf = async (session: string): Promise<string> =>
    (
      (await ask('POST', '/v1/recommend', { body: { ...body, session }, key: keys.read })).json as {
        model: string
      }
    ).model
  expect((await admin('POST', '/admin/models/other/load', { artifact: 'other' })).json).toMatchObject({
    weight: 0,
  })
  expect(await modelOf('s1')).toBe('shop')
  expect((await admin('PUT', '/admin/weights', { weights: { shop: 3, other: 1 } })).status).toBe(200)
  const sessions = Array.from({ length: 120 }, (_, at) => `session-${at}`)
  const ofAll = async (): Promise<readonly string[]> => {
    const models: string[] = []
    for (const session of sessions) models.push(await modelOf(session))
    return models
  }
  const chosen = await ofAll()
  const share = chosen.filter((name) => name === 'other').length / sessions.length
  expect(share).toBeGreaterThan(0.15)
  expect(share).toBeLessThan(0.35)
  expect(await ofAll()).toEqual(chosen)
  const named = await ask('POST', '/v1/recommend', { body: { ...body, model: 'other' }, key: keys.read })
  expect(named.json).toMatchObject({ model: 'other' })
  expect(await admin('PUT', '/admin/weights', { weights: { shop: 0, other: 0 } })).toMatchObject({
    status: 400,
  })
  expect(await admin('PUT', '/admin/weights', { weights: { nobody: 1 } })).toMatchObject({ status: 400 })
  expect((await admin('DELETE', '/admin/models/other')).json).toEqual({ removed: true })
  expect(await modelOf('session-1')).toBe('shop')
  expect(await admin('DELETE', '/admin/models/shop')).toMatchObject({ status: 400 })
})

describe.skipIf(!hasRedis)('with Redis', () => {
  test('Redis gone: what needs it says 503 at once, the rest answers; Redis back: all answers', async () => {
    const folder = await temporaryFolder()
    const port = await freePort()
    let running = await startRedis(port, folder)
    const { ask } = await served({ sessions: { kind: 'redis', url: `redis://127.0.0.1:${port}` } })
    const send = (id: string): Promise<Asked> =>
      ask('POST', '/v1/events', { body: { events: [{ id, session: 's1', item: 'i3' }] } })
    expect((await send('1')).json).toEqual({ accepted: 1, known: 0 })
    await running.stop()
    for (const each of [
      () => send('2'),
      () => ask('POST', '/v1/recommend', { body: { session: 's1' } }),
      () => ask('GET', '/health/ready'),
    ]) {
      const started = performance.now()
      expect((await each()).status).toBe(503)
      expect(performance.now() - started).toBeLessThan(1_000)
    }
    expect(await recommend(ask)).toMatchObject({ status: 200 })
    expect(await ask('GET', '/health/live')).toMatchObject({ status: 200 })
    running = await startRedis(port, folder)
    onTestFinished(() => running.stop())
    await expect.poll(async () => (await ask('GET', '/health/ready')).status, { timeout: 10_000 }).toBe(200)
    expect((await send('3')).json).toEqual({ accepted: 1, known: 0 })
  })
})
