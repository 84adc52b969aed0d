import { afterAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createRandom } from '../../random.ts'
import { freePort, hasRedis, startRedis } from '../redis.test-support.ts'
import { eventBytes } from './event-bytes.ts'
import { memorySessions } from './memory-sessions.ts'
import { redisSessions } from './redis-sessions.ts'
import type { NewEvent, SessionBounds, SessionStore } from './session-store.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

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
    expect(await store.append('order', [event('1'), { id: '2', event: { item: 'b', values } }])).toEqual([
      0, 1,
    ])
    expect(await store.append('order', [event('3')])).toEqual([0])
    expect(await store.read('order')).toEqual([{ item: '1' }, { item: 'b', values }, { item: '3' }])
    expect(await store.read('another')).toEqual([])
    await store.close()
  })

  test('an id is taken once, in one call and in several, and each session has ids of its own', async () => {
    const store = await opened()
    expect(await store.append('ids', [event('1'), event('1'), event('2')])).toEqual([0, 2])
    expect(await store.append('ids', [event('2', 'other'), event('3')])).toEqual([1])
    expect(await store.append('ids', [event('4'), event('1', 'other')])).toEqual([0])
    expect(await store.append('ids', [event('1')])).toEqual([])
    expect(await store.append('ids2', [event('1')])).toHaveLength(1)
    expect((await store.read('ids')).map(({ item }) => item)).toEqual(['1', '2', '3', '4'])
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
      ]).toEqual([[], [0], [{ item: name }]])
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
    expect(await store.append('gone', [event('2')])).toHaveLength(1)
    await pause(200)
    expect(await store.read('gone')).toHaveLength(2)
    await pause(400)
    expect(await store.read('gone')).toEqual([])
    expect(await store.append('gone', [event('1')])).toHaveLength(1)
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
    Promise.resolve(memorySessions({ ...given, sessions: 100, bytes: 1e9, now: () => performance.now() })),
  )

  test('so many sessions are kept: the one that was longest without an event goes', async () => {
    const store = memorySessions({ events: 5, ttlMs: 1000, sessions: 2, bytes: 1e9, now: () => 0 })
    for (const session of ['a', 'b', 'a', 'c']) await store.append(session, [event(session)])
    expect(await Promise.all(['a', 'b', 'c'].map(async (each) => (await store.read(each)).length))).toEqual([
      1, 0, 1,
    ])
  })

  const noTime = { events: 1000, ttlMs: 1000, sessions: 1e9, now: () => 0 }

  test('so many bytes are kept: the same one goes, and of the last one its oldest events', async () => {
    const store = memorySessions({ ...noTime, bytes: 10_000 })
    const large = (id: string): NewEvent => ({ id, event: { item: id, values: { text: 'x'.repeat(1000) } } })
    for (let at = 0; at < 40; at++) {
      await store.append(`s${at}`, [large('1')])
      expect(store.held!().bytes).toBeLessThanOrEqual(10_000)
    }
    const { sessions } = store.held!()
    expect(sessions).toBeGreaterThan(4)
    for (let at = 0; at < 40; at++)
      expect(await store.read(`s${at}`), `s${at}`).toHaveLength(at < 40 - sessions ? 0 : 1)
    for (let at = 0; at < 40; at++) await store.append('one', [large(String(at))])
    const left = (await store.read('one')).map(({ item }) => Number(item))
    expect(left.length).toBeGreaterThan(4)
    expect(left).toEqual(Array.from(left, (_, at) => 40 - left.length + at))
    expect(store.held!()).toMatchObject({ sessions: 1 })
    await store.remove('one')
    expect(store.held!()).toEqual({ sessions: 0, bytes: 0 })
  })

  test('what is counted goes back to nothing, whatever came and went', async () => {
    let time = 0
    const store = memorySessions({ events: 3, ttlMs: 10, sessions: 5, bytes: 5_000, now: () => time })
    const random = createRandom(1)
    for (let at = 0; at < 2_000; at++) {
      time += random.below(3)
      const [session, id] = [`s${random.below(8)}`, String(random.below(6))]
      if (random.below(10) === 0) await store.remove(session)
      else await store.append(session, [event(id, 'é'.repeat(random.below(300)))])
      const { sessions, bytes } = store.held!()
      expect(bytes).toBeLessThanOrEqual(5_000)
      expect(bytes > 0).toBe(sessions > 0)
    }
    for (let at = 0; at < 8; at++) await store.remove(`s${at}`)
    expect(store.held!()).toEqual({ sessions: 0, bytes: 0 })
  })

  const values = (count: number, value: (at: number) => string | number, name: (at: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), value(at)]))
  const column = (at: number): string => `column ${at}`
  test.each<[string, (at: number) => NewEvent]>([
    ['the smallest', (at) => event(String(at), 'a')],
    [
      'the largest',
      (at) => ({
        id: String(at).padEnd(128, 'x'),
        event: {
          item: '語'.repeat(512),
          values: values(64, (each) => `${at} ${each}`.padEnd(1024, '語'), column),
        },
      }),
    ],
    [
      'many numbers',
      (at) => ({
        id: String(at),
        event: { item: 'a', values: values(64, (each) => at + each + 0.5, column) },
      }),
    ],
    ['one letter of two bytes', (at) => ({ id: String(at), event: { item: `語${at}`.padEnd(512, 'a') } })],
    [
      'columns of their own',
      (at) => ({
        id: String(at),
        event: {
          item: 'a',
          values: values(
            64,
            () => 1,
            (each) => `${at} ${each}`,
          ),
        },
      }),
    ],
  ])('memory stays below the bound, events being %s', async (_, eventOf) => {
    // As they come over the wire: no text of one is a part of another.
    const parsed = (at: number): NewEvent => JSON.parse(JSON.stringify(eventOf(at))) as NewEvent
    const bytes = 12 * 1024 * 1024
    const send = async (store: SessionStore, session: number, count: number): Promise<number> => {
      const events = Array.from({ length: count }, (_, at) => parsed(session * count + at))
      await store.append(`s${session}`, events)
      return events.reduce((sum, each) => sum + eventBytes(each), 0)
    }
    for (const perSession of [1, 200]) {
      const store = memorySessions({ ...noTime, bytes })
      collectGarbage()
      const before = process.memoryUsage().heapUsed
      let sent = 0
      for (let session = 0; sent < 2 * bytes; session++) sent += await send(store, session, perSession)
      // Sessions go whole.
      expect(store.held!().bytes).toBeGreaterThan(0.3 * bytes)
      collectGarbage()
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(bytes)
      await store.close()
    }
  })

  test('what has expired is freed though nobody asks for it', async () => {
    let time = 0
    const store = memorySessions({ events: 5, ttlMs: 10, sessions: 1000, bytes: 1e9, now: () => time })
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
    expect(await other.append('shared', [event('1'), event('2')])).toHaveLength(1)
    expect(await one.read('shared')).toHaveLength(2)
    await one.close()
    await other.close()
  })
})

test('a Redis that is not there is said at once', async () => {
  const url = `redis://127.0.0.1:${await freePort()}`
  await expect(redisSessions({ ...bounds, url })).rejects.toMatchObject({ code: 'SESSIONS_UNAVAILABLE' })
  for (const other of ['http://x', 'redis://localhost:6379x'])
    await expect(redisSessions({ ...bounds, url: other })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
