import { afterAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, hasRedis, startRedis } from '../redis.test-support.ts'
import { memorySessions } from './memory-sessions.ts'
import { redisSessions } from './redis-sessions.ts'
import type { NewEvent, SessionBounds, SessionStore } from './session-store.ts'

const event = (id: string, item = id): NewEvent => ({ id, event: { item } })
const bounds: SessionBounds = { events: 5, ttlMs: 300 }
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** What every store keeps. */
function contract(open: (bounds: SessionBounds) => Promise<SessionStore>): void {
  const opened = async (given: SessionBounds = { ...bounds, ttlMs: 60_000 }): Promise<SessionStore> =>
    open(given)

  test('events in their order, with their values', async () => {
    const store = await opened()
    const values = { price: 3.5, colour: 'réd "x"\n', sale: true, size: null }
    expect(await store.append('order', [event('1'), { id: '2', event: { item: 'b', values } }])).toBe(2)
    expect(await store.append('order', [event('3')])).toBe(1)
    expect(await store.read('order')).toEqual([{ item: '1' }, { item: 'b', values }, { item: '3' }])
    expect(await store.read('another')).toEqual([])
    await store.close()
  })

  test('an id is taken once, in one call and in several, and each session has ids of its own', async () => {
    const store = await opened()
    expect(await store.append('ids', [event('1'), event('1'), event('2')])).toBe(2)
    expect(await store.append('ids', [event('2', 'other'), event('3')])).toBe(1)
    expect(await store.append('ids2', [event('1')])).toBe(1)
    expect((await store.read('ids')).map(({ item }) => item)).toEqual(['1', '2', '3'])
    await store.close()
  })

  test('the latest events are kept', async () => {
    const store = await opened()
    for (let at = 0; at < 12; at++) await store.append('many', [event(String(at))])
    expect((await store.read('many')).map(({ item }) => item)).toEqual(['7', '8', '9', '10', '11'])
    await store.close()
  })

  test('names of JavaScript are names like others', async () => {
    const store = await opened()
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect([
        await store.read(name),
        await store.append(name, [event(name)]),
        await store.read(name),
      ]).toEqual([[], 1, [{ item: name }]])
    await store.close()
  })

  test('a session is forgotten when it is removed, and a time after its last event', async () => {
    const store = await opened(bounds)
    await store.append('gone', [event('1')])
    expect([await store.remove('gone'), await store.remove('gone'), await store.read('gone')]).toEqual([
      true,
      false,
      [],
    ])
    await store.append('gone', [event('1')])
    await pause(200)
    expect(await store.append('gone', [event('2')])).toBe(1)
    await pause(200)
    expect(await store.read('gone')).toHaveLength(2)
    await pause(400)
    expect(await store.read('gone')).toEqual([])
    expect(await store.append('gone', [event('1')])).toBe(1)
    await store.close()
  })

  test('calls at once lose no event', async () => {
    const store = await open({ events: 100, ttlMs: 60_000 })
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => store.append('together', [event(String(at)), event('same')])),
    )
    expect(await store.read('together')).toHaveLength(51)
    expect(await store.ready()).toBe(true)
    await store.close()
  })
}

describe('memory', () => {
  contract((given) =>
    Promise.resolve(memorySessions({ ...given, sessions: 100, now: () => performance.now() })),
  )

  test('so many sessions are kept: the one that was longest without an event goes', async () => {
    const store = memorySessions({ events: 5, ttlMs: 1000, sessions: 2, now: () => 0 })
    for (const session of ['a', 'b', 'a', 'c']) await store.append(session, [event(session)])
    expect(await Promise.all(['a', 'b', 'c'].map(async (each) => (await store.read(each)).length))).toEqual([
      1, 0, 1,
    ])
  })

  test('what has expired is freed though nobody asks for it', async () => {
    let time = 0
    const store = memorySessions({ events: 5, ttlMs: 10, sessions: 1000, now: () => time })
    for (let at = 0; at < 100; at++) await store.append(`s${at}`, [event('1')])
    time = 20
    for (let at = 0; at < 60; at++) await store.append('live', [event(String(at))])
    time = 5
    expect(await store.read('s99')).toEqual([])
  })
})

describe.skipIf(!hasRedis)('Redis', async () => {
  if (!hasRedis) return
  const folder = mkdtempSync(join(tmpdir(), 'ensuite-redis-'))
  const port = await freePort()
  const running = await startRedis(port, folder)
  afterAll(async () => {
    await running.stop()
    rmSync(folder, { recursive: true })
  })
  let stores = 0
  contract((given) => redisSessions({ ...given, url: `redis://127.0.0.1:${port}`, prefix: `t${stores++}:` }))

  test('two servers share sessions', async () => {
    const open = (): Promise<SessionStore> => redisSessions({ ...bounds, url: `redis://127.0.0.1:${port}` })
    const [one, other] = [await open(), await open()]
    await one.append('shared', [event('1')])
    expect(await other.append('shared', [event('1'), event('2')])).toBe(1)
    expect(await one.read('shared')).toHaveLength(2)
    await one.close()
    await other.close()
  })
})

test('a Redis that is not there is said at once', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`
  await expect(redisSessions({ ...bounds, url })).rejects.toMatchObject({ code: 'SESSIONS_UNAVAILABLE' })
  await expect(redisSessions({ ...bounds, url: 'http://x' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})
