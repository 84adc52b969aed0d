import { createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { isTemplated } from './milvus-connection.ts'
import { milvusVectors } from './milvus-database.ts'
import type { VectorDatabase } from './vector-store.ts'

const LIMIT_MS = 300
/** A loaded machine is late, too; what has no deadline would wait for ten seconds and more. */
const LATEST_MS = 5000

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function listening(server: Server | Http2Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A server of sockets that are closed afterwards. */
async function socketServer(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    answer(socket)
  })
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return listening(server)
}

/** A server that speaks HTTP/2, and answers a call as it is told to, or never. */
async function http2Server(headers?: Readonly<Record<string, string | number>>): Promise<number> {
  const server = createHttp2Server()
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    if (headers !== undefined) stream.respond(headers, { endStream: true })
  })
  const sessions = new Set<{ destroy: () => void }>()
  server.on('session', (session) => sessions.add(session))
  closing.push(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return listening(server)
}

const behind = (port: number): VectorDatabase => {
  const database = milvusVectors({ address: `127.0.0.1:${port}`, name: 'items', timeoutMs: LIMIT_MS })
  closing.push(() => database.close())
  return database
}

/** Nobody listens there any more. */
async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

it.each([
  ['is down', closedPort],
  ['accepts and never answers', () => socketServer(() => undefined)],
  ['ends every connection', () => socketServer((socket) => socket.destroy())],
  ['is no Milvus', () => socketServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))],
  ['speaks, and never answers a call', () => http2Server()],
  [
    'answers a byte at a time',
    async () => {
      const port = await http2Server({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': 0 })
      return socketServer((socket) => {
        const upstream = connect(port, '127.0.0.1')
        upstream.on('error', () => undefined)
        socket.pipe(upstream)
        let waiting = Buffer.alloc(0)
        upstream.on('data', (bytes: Buffer) => (waiting = Buffer.concat([waiting, bytes])))
        const timer = setInterval(() => {
          socket.write(waiting.subarray(0, 1))
          waiting = waiting.subarray(1)
        }, 100)
        socket.on('close', () => {
          clearInterval(timer)
          upstream.destroy()
        })
      })
    },
  ],
  [
    'refuses',
    () =>
      http2Server({
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': 16,
        'grpc-message': 'no such token',
      }),
  ],
] as const)('a server that %s is STORE_UNAVAILABLE within the deadline, at every call', async (_, start) => {
  const database = behind(await start())
  const schema = { dimensions: 2, similarity: 'dot' } as const
  const calls = [
    () => database.open('v1'),
    () => database.create('v1', schema),
    () => database.current(),
    () => database.use('v1'),
    () => database.versions(),
  ]
  for (const call of calls) {
    const started = performance.now()
    await expect(call()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('Milvus at 127.0.0.1:') as string,
    })
    expect(performance.now() - started).toBeLessThan(LATEST_MS)
  }
})

it('a database that was closed connects to nothing any more', async () => {
  let connections = 0
  const port = await socketServer((socket) => {
    connections++
    socket.destroy()
  })
  const database = behind(port)
  await database.close()
  const calls = [
    () => database.open(),
    () => database.open('v1'),
    () => database.create('v1', { dimensions: 2, similarity: 'dot' }),
    () => database.current(),
    () => database.use('v1'),
    () => database.versions(),
    () => database.about('v1'),
    () => database.remove('v1'),
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'CLOSED' })
  expect(connections).toBe(0)
})

it('a name that could lead elsewhere, and a schema that holds nothing, are refused without a server', async () => {
  const database = behind(await closedPort())
  await expect(database.open('../v1')).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(database.create('v1', { dimensions: 0, similarity: 'dot' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})

it('templates are for servers from 2.5, whatever they call themselves', () => {
  const versions = [
    'v2.5.0',
    '2.6.10',
    'v3.0-beta',
    'v10.0.1',
    'v2.3.5-lite',
    'v2.4.23',
    'milvus_lite-3.2.2',
    '',
    undefined,
  ]
  expect(versions.map(isTemplated)).toEqual([true, true, true, true, false, false, false, false, false])
})

it('refuses options that are none', () => {
  const good = { address: 'localhost:19530', name: 'items' }
  const bad: readonly object[] = [
    { ...good, address: '' },
    { ...good, name: 'Items' },
    { ...good, name: 'a__b' },
    { ...good, consistency: 'none' },
    { ...good, timeoutMs: 0 },
    { ...good, loadTimeoutMs: 0 },
    { ...good, connectivity: 1 },
  ]
  for (const options of bad)
    expect(() => milvusVectors(options as never), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  expect(() => milvusVectors({ ...good, timeout: 3 } as never)).toThrow(/timeoutMs/)
})
