import { expect, test } from 'vitest'
import { endpoints } from './api/endpoints.ts'
import { scopes } from './keys.ts'
import { routes } from './routes/index.ts'
import { keyOptions, keys, served, type Asked } from './served.test-support.ts'

const addressOf = (path: string): string => path.replace(':session', 's1').replace(':model', 'nobody')

test('every endpoint has a route, and one alone', () => {
  expect(routes.map(({ name }) => name).sort()).toEqual(Object.keys(endpoints).sort())
})

test('every route takes the keys of its scope and no other', async () => {
  const { ask } = await served({ keys: keyOptions, admin: {} })
  for (const route of routes) {
    const { method, path } = endpoints[route.name]
    const asked = async (key?: string): Promise<Asked> => {
      const answer = await ask(method, addressOf(path), {
        ...(method !== 'GET' && method !== 'DELETE' && { body: {} }),
        key,
        admin: route.listener === 'admin',
      })
      if (answer.status !== 429) return answer
      // So many wrong keys are slowed down.
      await new Promise((done) => setTimeout(done, 300))
      return asked(key)
    }
    const open = route.scope === 'none'
    const said = async (key?: string): Promise<readonly unknown[]> => {
      const { status, json } = await asked(key)
      const { code, error } = json === undefined ? {} : (json as { code?: string; error?: string })
      return status === 401 || status === 403 ? [status, code ?? error?.split(':')[0]] : ['in']
    }
    expect([route.name, await said()]).toEqual([route.name, open ? ['in'] : [401, 'UNAUTHORIZED']])
    for (const wrong of ['wrong-key-0123456789', `${keys.read}x`, keys.read.slice(0, -1)])
      expect([route.name, await said(wrong)]).toEqual([route.name, open ? ['in'] : [401, 'UNAUTHORIZED']])
    for (const scope of scopes)
      expect([route.name, scope, await said(keys[scope])]).toEqual([
        route.name,
        scope,
        open || route.scope === scope ? ['in'] : [403, 'FORBIDDEN'],
      ])
  }
})

test('administration is nowhere on the public listener, and the other way round', async () => {
  const { ask } = await served({ keys: keyOptions, admin: {} })
  for (const { name, listener } of routes) {
    const { method, path } = endpoints[name]
    const other = await ask(method, addressOf(path), { key: keys.admin, admin: listener !== 'admin' })
    expect([name, other.status]).toEqual([name, 404])
  }
})

test('guessing keys is slowed down', async () => {
  const { ask } = await served({ keys: keyOptions })
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, at) => ask('GET', '/v1/models', { key: `guess-${at}-0123456789` })),
  )
  const slowed = answers.filter(({ status }) => status === 429)
  expect(slowed.length).toBeGreaterThan(10)
  expect(slowed[0]!.headers.get('retry-after')).toBe('1')
  expect((await ask('GET', '/v1/models', { key: keys.read })).status).toBe(200)
})

test('a key may ask so often and no oftener; health is answered all the same', async () => {
  const { ask } = await served({ keys: keyOptions, limits: { ratePerSecond: 1, rateBurst: 5 } })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask('GET', '/v1/models', { key: keys.read })),
  )
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(8)
  expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(12)
  expect((await ask('GET', '/health/live')).status).toBe(200)
})

test('without keys only names of this machine reach it, and nobody beyond', async () => {
  const { server } = await served()
  const { hostname, port } = new URL(server.url)
  expect(hostname).toBe('127.0.0.1')
  const { request } = await import('node:http')
  const status = await new Promise((resolve, reject) => {
    request({ hostname, port, path: '/v1/models', headers: { host: 'evil.example' } }, ({ statusCode }) =>
      resolve(statusCode),
    )
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
  for (const host of ['0.0.0.0', '::', '192.0.2.1'])
    await expect(served({ host })).rejects.toMatchObject({ code: 'KEYS_MISSING' })
  await expect(served({ admin: {} })).rejects.toMatchObject({ code: 'KEYS_MISSING' })
  await expect(served({ keys: keyOptions.slice(0, 1), admin: {} })).rejects.toMatchObject({
    code: 'KEYS_MISSING',
  })
})
