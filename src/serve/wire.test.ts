import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { served } from './served.test-support.ts'

/** Writes pieces to a connection, with pauses, and gives all that comes back and how long it took. */
function raw(url: string, pieces: readonly string[], pauseMs = 0): Promise<{ text: string; ms: number }> {
  const { hostname, port } = new URL(url)
  const started = performance.now()
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(Number(port), hostname)
    socket.on('data', (data) => (text += data.toString()))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ text, ms: performance.now() - started }))
    const write = async (): Promise<void> => {
      for (const piece of pieces) {
        if (socket.destroyed || socket.writableEnded) return
        if (!socket.write(piece)) await new Promise((done) => socket.once('drain', done).once('close', done))
        if (pauseMs > 0) await new Promise((done) => setTimeout(done, pauseMs))
      }
    }
    void write()
  })
}

const head = (lines: readonly string[]): string =>
  ['POST /v1/recommend HTTP/1.1', 'host: localhost', 'content-type: application/json', ...lines, '', ''].join(
    '\r\n',
  )
const statusOf = ({ text }: { text: string }): string => text.split(' ')[1] ?? ''

test('what is no HTTP, too large or comes too slowly is answered and hung up on; others are answered meanwhile', async () => {
  const { server, ask } = await served({ limits: { requestMs: 2_000 } })
  const slow = [
    raw(server.url, [head(['content-length: 100']), '{"ev']),
    raw(server.url, ['POST /v1/recommend HTTP/1.1\r\nhost: localhost\r\nx-a: ']),
    raw(
      server.url,
      [head(['transfer-encoding: chunked']), ...Array.from({ length: 200 }, () => '1\r\n \r\n')],
      20,
    ),
  ]
  expect((await ask('POST', '/v1/recommend', { body: { events: [{ item: 'i3' }] } })).status).toBe(200)
  for (const each of await Promise.all(slow)) {
    expect(statusOf(each)).toBe('408')
    expect(each.text).toContain('TIMED_OUT')
    expect(each.ms).toBeLessThan(6_000)
  }
  expect(statusOf(await raw(server.url, ['\u0016\u0003\u0001 hello\r\n\r\n']))).toBe('400')
  expect(statusOf(await raw(server.url, [head([`x-long: ${'a'.repeat(20_000)}`])]))).toBe('431')
})

test('a request that two readers would cut differently is refused', async () => {
  const { server } = await served()
  const smuggled = 'GET /admin/models HTTP/1.1\r\nhost: localhost\r\n\r\n'
  for (const lines of [
    ['content-length: 5', 'transfer-encoding: chunked'],
    ['content-length: 5', 'content-length: 6'],
    ['transfer-encoding: identity, chunked, x'],
    ['content-length: +5'],
  ])
    expect([lines, statusOf(await raw(server.url, [head(lines), smuggled]))]).toEqual([lines, '400'])
})

test('a body of many tiny chunks ends at the limit', async () => {
  const { server, ask } = await served({ limits: { bodyBytes: 20_000 } })
  const chunks = Array.from({ length: 100 }, () => '1\r\n \r\n'.repeat(1_000))
  const answer = await raw(server.url, [head(['transfer-encoding: chunked', 'connection: close']), ...chunks])
  expect(statusOf(answer)).toBe('413')
  expect((await ask('GET', '/health/live')).status).toBe(200)
  const large = JSON.stringify({ events: [{ item: 'i3', values: { text: 'a'.repeat(30_000) } }] })
  expect(await ask('POST', '/v1/recommend', { body: large })).toMatchObject({
    status: 413,
    json: { code: 'BODY_TOO_LARGE' },
  })
})

test('paths lead nowhere but to routes', async () => {
  const { server } = await served()
  const parts = [
    '..',
    '%2e%2e',
    '..%2f..',
    '%252e%252e%252f',
    '..\\',
    '%5c..',
    '....//',
    '%00',
    '%c0%ae%c0%ae',
    '//etc',
    ';/..',
    '~',
    '.git',
  ]
  const ends = ['etc/passwd', 'manifest.json', 'recommend.onnx', 'package.json', '']
  const starts = ['/', '/v1/', '/v1/sessions/', '/v2/models/', '/openapi.json/', '/health/']
  for (const start of starts)
    for (const part of parts)
      for (const end of ends) {
        const path = `${start}${part}/${end}`
        const answer = await raw(server.url, [
          `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
        ])
        expect([path, ['400', '404'].includes(statusOf(answer))]).toEqual([path, true])
        expect(answer.text).not.toMatch(/root:|"files"|node_modules/)
      }
})

test('bodies that would change JavaScript itself are refused', async () => {
  const { ask } = await served()
  for (const body of [
    '{"events":[{"item":"i3","values":{"__proto__":{"polluted":1}}}]}',
    '{"events":[{"item":"i3","__proto__":{"polluted":1}}]}',
    '{"events":[],"constructor":{"prototype":{"polluted":1}}}',
  ])
    expect(await ask('POST', '/v1/recommend', { body })).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  const named = await ask('POST', '/v1/events', {
    body: { events: [{ id: '1', session: '__proto__', item: 'constructor' }] },
  })
  expect(named.json).toEqual({ accepted: 1, known: 0 })
  expect((await ask('GET', '/v1/sessions/__proto__')).json).toMatchObject({
    events: [{ item: 'constructor' }],
  })
})
