import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { endpoints } from '../serve/api/endpoints.ts'
import { keyOptions, keys, served } from '../serve/served.test-support.ts'
import { createClient, type RequestError } from './index.ts'

test('a method for every endpoint, and the types of its schemas', async () => {
  const { server } = await served({ keys: keyOptions, admin: {} })
  const [reader, writer] = [keys.read, keys.write].map((key) => createClient({ url: server.url, key }))
  expect(Object.keys(reader!).sort()).toEqual(Object.keys(endpoints).sort())
  expect(await writer!.sendEvents({ events: [{ id: '1', session: 'a:b', item: 'i3' }] })).toEqual({
    accepted: 1,
    known: 0,
  })
  expect(await reader!.readSession({ session: 'a:b' })).toEqual({ session: 'a:b', events: [{ item: 'i3' }] })
  const { items } = await reader!.recommend({ session: 'a:b', k: 3 })
  expect(items).toHaveLength(3)
  expect(items[0]!.score).toBeGreaterThanOrEqual(items[1]!.score)
  expect(await reader!.live()).toEqual({ live: true })
  expect(await reader!.metrics()).toContain('ensuite_stage_duration_seconds_count{stage="score"} 1')
  const admin = createClient({ url: server.adminUrl!, key: keys.admin })
  expect((await admin.adminModels()).models[0]).toMatchObject({ name: 'shop', weight: 1 })
  const inferred = await reader!.infer({
    model: 'shop',
    id: '7',
    parameters: { k: 2 },
    inputs: [{ name: 'items', datatype: 'BYTES', shape: [2, 2], data: ['i3', 'i4', 'i5', ''] }],
  })
  expect(inferred).toMatchObject({
    model_name: 'shop',
    id: '7',
    outputs: [
      { name: 'items', shape: [2, 2] },
      { name: 'scores', datatype: 'FP32' },
    ],
  })
  const { items: same } = await reader!.recommend({ events: [{ item: 'i5' }], k: 2 })
  expect(inferred.outputs[0]!.data.slice(2)).toEqual(same.map(({ item }) => item))
})

test('what is no success is an error with the code', async () => {
  const { server } = await served({ keys: keyOptions })
  const client = createClient({ url: server.url, key: keys.read })
  await expect(client.recommend({ session: 's', k: 400 })).rejects.toMatchObject({
    name: 'RequestError',
    status: 400,
    code: 'OPTION_INVALID',
  })
  await expect(client.recommend({})).rejects.toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
  await expect(client.removeSession({ session: 's' })).rejects.toMatchObject({
    status: 403,
    code: 'FORBIDDEN',
  })
  await expect(client.inferenceModel({ model: 'nobody' })).rejects.toMatchObject({
    status: 404,
    code: 'MODEL_UNKNOWN',
  })
})

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
  vi.unstubAllGlobals()
})
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each([
  '',
  'shop',
  '/shop',
  '127.0.0.1:8080',
  'ftp://shop',
  'http://',
  'http://a b',
  'http://shop:99999',
  'http://me:secret@shop',
  'http://shop?key=1',
  'http://shop/#a',
])('the address %j is refused', (url) => {
  expect(() => createClient({ url })).toThrow(
    expect.objectContaining({
      name: 'RequestError',
      status: 0,
      code: 'URL_INVALID',
      message: expect.stringContaining(`'${url}'`) as string,
    }),
  )
})

test.each([[undefined], [null], [5], ['http://shop'], [{}], [{ url: 5 }], [{ url: ['http://shop'] }]])(
  'no address: %j is refused',
  (options) => {
    expect(() => createClient(options as never)).toThrow(
      expect.objectContaining({ name: 'RequestError', code: 'URL_INVALID' }) as Error,
    )
  },
)

test.each([0, -1, 1.5, NaN, 2 ** 31, '1000', null])('a time of %j ms is refused', (timeoutMs) => {
  expect(() => createClient({ url: 'http://shop', timeoutMs: timeoutMs as number })).toThrow(
    expect.objectContaining({ name: 'RequestError', code: 'ARGUMENT_INVALID' }) as Error,
  )
})

test('on a page an address may be a path of its own server', async () => {
  vi.stubGlobal('location', { href: 'https://shop.example/cart?x=1' })
  const asked: string[] = []
  const fetch = (address: unknown): Promise<Response> => {
    asked.push(String(address))
    return Promise.resolve(Response.json({ live: true }))
  }
  for (const url of ['', '/', '/recommender', 'https://shop.example/api/'])
    await createClient({ url, fetch }).live()
  expect(asked).toEqual([
    '/health/live',
    '/health/live',
    '/recommender/health/live',
    'https://shop.example/api/health/live',
  ])
})

test('a key that no header can hold is refused, and not repeated', () => {
  const error = ((): unknown => {
    try {
      return createClient({ url: 'http://shop', key: 'secret\nkey' })
    } catch (thrown) {
      return thrown
    }
  })()
  expect(error).toMatchObject({ name: 'RequestError', status: 0, code: 'KEY_INVALID' })
  expect(JSON.stringify([String(error), (error as RequestError).cause])).not.toContain('secret')
})

test('no answer is an error with a code: nobody there, a connection that ends, none in time', async () => {
  const url = await listening((_, response) => response.destroy())
  const gone = await listening(() => undefined)
  ends.pop()!()
  for (const each of [gone, url])
    await expect(createClient({ url: each }).live()).rejects.toMatchObject({
      name: 'RequestError',
      status: 0,
      code: 'UNREACHABLE',
      message: expect.stringMatching(new RegExp(`^${each} cannot be reached \\(\\w+\\)`)) as string,
      cause: expect.any(TypeError) as TypeError,
    })
  const silent = await listening(() => undefined)
  const half = await listening((_, response) => response.writeHead(200).write('{'))
  for (const each of [silent, half])
    await expect(createClient({ url: each, timeoutMs: 100 }).live()).rejects.toMatchObject({
      name: 'RequestError',
      status: 0,
      code: 'UNANSWERED',
      message: `${each} did not answer within 100 ms.`,
    })
})

test.each([
  [200, 'application/json', '<html>', { code: 'ANSWER_INVALID', status: 200 }],
  [502, 'application/json', '<html>', { code: 'HTTP_502', status: 502, retryAfter: undefined }],
  [503, 'application/json', 'null', { code: 'HTTP_503', status: 503 }],
  [502, 'text/html', '<html>', { code: 'HTTP_502', status: 502 }],
])('what another server answers is an error too: %d %s %s', async (status, type, text, expected) => {
  const url = await listening((_, response) => {
    response
      .writeHead(status, { 'content-type': type, 'retry-after': 'Fri, 01 Jan 2027 00:00:00 GMT' })
      .end(text)
  })
  await expect(createClient({ url }).live()).rejects.toMatchObject({ name: 'RequestError', ...expected })
})

test('it imports nothing but the table of addresses', () => {
  const source = readFileSync(new URL('./index.ts', import.meta.url), 'utf8')
  const imported = [...source.matchAll(/^import (?!type ).* from '(.*)'$/gm)].map(([, path]) => path)
  expect(imported).toEqual(['../serve/api/endpoints.ts'])
  expect(readFileSync(new URL('../serve/api/endpoints.ts', import.meta.url), 'utf8')).not.toMatch(/^import/m)
})

test('an address that would lead elsewhere is not asked for', async () => {
  let asked = 0
  const client = createClient({
    url: 'http://127.0.0.1:1',
    fetch: () => {
      asked++
      return Promise.reject(new Error('asked'))
    },
  })
  const wrong = [
    undefined,
    {},
    's1',
    { session: '' },
    { session: '..' },
    { session: '\ud800' },
    { session: 7 },
  ]
  for (const input of wrong) {
    const reading = (async () => client.readSession(input as never))()
    await expect(reading).rejects.toMatchObject({ name: 'RequestError', code: 'ARGUMENT_INVALID' })
  }
  expect(asked).toBe(0)
})
