import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadEmbedder } from '../embeddings/index.ts'
import type { VectorRow, VectorSchema } from '../vector-store/index.ts'
import { served, type Asked, type Served } from './served.test-support.ts'
import type { ServeOptions } from './settings.ts'
import { statuses, underLoad } from './under-load.test-support.ts'
import { faultyVectors, type FaultyVectors } from './vectors/vectors.test-support.ts'

const TIMEOUT_MS = 100
/** Scoring, also on a machine that others keep busy; what has no deadline would wait for five seconds and more. */
const SCORING_MS = 2_500
const FAILURES = 3
const schema: VectorSchema = { dimensions: 8, similarity: 'cosine' }

const sourceOf = ({ json }: Asked): string | undefined =>
  (json as { readonly items?: readonly { readonly source?: string }[] }).items?.[0]?.source
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const bodies: readonly (readonly [path: string, body: object])[] = [
  ['/v1/similar', { item: 'i4' }],
  ['/v1/similar', { events: [{ item: 'i3' }, { item: 'i8' }] }],
  ['/v1/similar', { item: 'new' }],
  ['/v1/recommend', { events: [{ item: 'new' }] }],
]

/** Asks all of these in turn, from eight callers, and keeps the longest that one took. */
function load({ ask }: Served) {
  let at = 0
  let longest = 0
  const asked = underLoad(async () => {
    const [path, body] = bodies[at++ % bodies.length]!
    const started = performance.now()
    const answer = await ask('POST', path, { body })
    longest = Math.max(longest, performance.now() - started)
    return answer
  })
  return { stop: asked.stop, longest: () => longest, count: () => at }
}

const vectorsOf = async (root: string): Promise<readonly VectorRow[]> => {
  const embedder = await loadEmbedder(join(root, 'shop'), { threads: 1 })
  const { ids, dimensions, values } = await embedder.items()
  await embedder.close()
  return [
    ...ids.map((id, at) => ({ id, vector: values.slice(at * dimensions, (at + 1) * dimensions) })),
    { id: 'new', vector: values.slice(0, dimensions) },
  ]
}

/** A server beside a store that holds the items of its model, and a new one. */
async function besideStore(
  options: Partial<ServeOptions> = {},
): Promise<{ readonly own: Served; readonly store: FaultyVectors; readonly rows: readonly VectorRow[] }> {
  const store = await faultyVectors()
  const own = await served(
    {
      vectors: {
        ...{ kind: 'milvus', address: 'unused:1', name: 'unused' },
        ...{ timeoutMs: TIMEOUT_MS, failures: FAILURES, pauseMs: 200, refreshMs: 50 },
      },
      limits: { ratePerSecond: 1e9, rateBurst: 1e9, scoredWithinMs: 10_000 },
      ...options,
    },
    { seams: { vectors: () => store.database } },
  )
  const rows = await vectorsOf(own.root)
  await store.publish('v1', rows, schema)
  await answersBy(own, 'store')
  return { own, store, rows }
}

const answersBy = ({ ask }: Served, source: string): Promise<void> =>
  expect
    .poll(async () => sourceOf(await ask('POST', '/v1/similar', { body: { item: 'i4' } })), {
      timeout: 20_000,
    })
    .toBe(source)

const metric = async ({ ask }: Served, name: string): Promise<number> => {
  const { text } = await ask('GET', '/metrics')
  const line = text.split('\n').find((each) => each.startsWith(name))
  return Number(line?.split(' ').at(-1))
}

/** All were answered, none late; those of before and after by the store. */
async function expectAnswered({ stop, longest, count }: ReturnType<typeof load>): Promise<readonly Asked[]> {
  await expect.poll(count, { timeout: 20_000 }).toBeGreaterThan(50)
  const answers = await stop()
  expect(statuses(answers)).toEqual([200])
  expect(longest()).toBeLessThan(TIMEOUT_MS + SCORING_MS)
  return answers
}

test.each(['down', 'slow', 'half-open'] as const)(
  'a store that is %s costs no answer and no time, and is searched again afterwards',
  async (fault) => {
    const { own, store } = await besideStore()
    const going = load(own)
    await pause(200)
    store.become(fault)
    await answersBy(own, 'model')
    await pause(300)
    expect(await metric(own, 'ensuite_vector_breaker')).toBeGreaterThan(0)
    expect(
      await metric(own, `ensuite_vector_searches_total{outcome="${fault === 'down' ? 'failed' : 'late'}"}`),
    ).toBeGreaterThanOrEqual(FAILURES)
    // It is left alone but for a probe now and then, however much is asked.
    const before = store.asked()
    await pause(1_000)
    expect(store.asked() - before).toBeLessThanOrEqual(7)
    expect(await metric(own, 'ensuite_vector_searches_total{outcome="refused"}')).toBeGreaterThan(10)
    expect((await own.ask('GET', '/health/ready')).status).toBe(200)
    store.become('none')
    await answersBy(own, 'store')
    expect(await metric(own, 'ensuite_vector_breaker')).toBe(0)
    const answers = await expectAnswered(going)
    const sources = new Set(answers.map(sourceOf))
    for (const source of ['store', 'model', 'popular', 'similar']) expect(sources).toContain(source)
  },
)

test('a version of another size is not searched, and one that fits is, without a request that fails', async () => {
  const { own, store, rows } = await besideStore()
  const going = load(own)
  await pause(200)
  const narrow = rows.map(({ id, vector }) => ({ id, vector: vector.slice(0, 3) }))
  await store.publish('v2', narrow, { ...schema, dimensions: 3 })
  await answersBy(own, 'model')
  await pause(300)
  await store.publish('v3', rows, schema)
  await answersBy(own, 'store')
  const answers = await expectAnswered(going)
  expect(new Set(answers.map(sourceOf))).toContain('model')
  expect(await metric(own, 'ensuite_vector_breaker')).toBe(0)
})

test('a Milvus that accepts connections and never answers keeps nothing waiting, from the start to the end', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  const started = performance.now()
  const { port } = silent.address() as AddressInfo
  const own = await served({
    vectors: { kind: 'milvus', address: `127.0.0.1:${port}`, name: 'items', timeoutMs: TIMEOUT_MS },
    limits: { ratePerSecond: 1e9, rateBurst: 1e9, scoredWithinMs: 10_000 },
  })
  expect(performance.now() - started).toBeLessThan(15_000)
  await expect.poll(() => sockets.size, { timeout: 20_000 }).toBeGreaterThan(0)
  const going = load(own)
  await pause(500)
  const answers = await expectAnswered(going)
  expect(new Set(answers.map(sourceOf))).toEqual(new Set(['model', 'popular']))
  expect((await own.ask('GET', '/health/ready')).status).toBe(200)
  const closing = performance.now()
  await own.server.close()
  expect(performance.now() - closing).toBeLessThan(10_000)
})
