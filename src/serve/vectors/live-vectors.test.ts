import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder } from '../../artifact/tiny-model.test-support.ts'
import { EnsuiteError } from '../../errors.ts'
import { serverLog, silent } from '../log.ts'
import { createLiveVectors, type LiveVectors, type SearchFor, type SearchOutcome } from './live-vectors.ts'
import { vectorDefaults, vectorSource } from './vector-settings.ts'
import { faultyVectors, type FaultyVectors } from './vectors.test-support.ts'

const rows = ['a', 'b', 'c', 'd'].map((id, at) => ({ id, vector: Float32Array.of(1, at / 4) }))
const all: SearchFor = { k: 2, admitted: () => () => true }

async function live(
  options: { readonly reconnects?: boolean; readonly timeoutMs?: number; readonly refreshMs?: number } = {},
): Promise<{
  readonly vectors: LiveVectors
  readonly store: FaultyVectors
  readonly outcomes: SearchOutcome[]
  readonly connect: ReturnType<typeof vi.fn>
}> {
  const store = await faultyVectors()
  await store.publish('v1', rows, { dimensions: 2, similarity: 'cosine' })
  const outcomes: SearchOutcome[] = []
  const connect = vi.fn(() => store.database)
  const vectors = await createLiveVectors({
    source: {
      ...vectorDefaults,
      ...{ failures: 2, pauseMs: 50, refreshMs: 20, reconnects: false, ...options },
      connect,
      place: 'state/vectors',
    },
    log: serverLog(silent),
    now: () => performance.now(),
    onSearch: (outcome) => outcomes.push(outcome),
  })
  onTestFinished(() => vectors.close())
  return { vectors, store, outcomes, connect }
}

test('items like the latest of some that it knows, and near a vector, as far as they may be found', async () => {
  const { vectors, outcomes } = await live()
  const ids = (found: Awaited<ReturnType<LiveVectors['like']>>) => found?.map(({ id }) => id)
  expect(ids(await vectors.like(['d'], all))).toEqual(['d', 'c'])
  expect(
    ids(await vectors.like(['none', 'd', 'gone'], { ...all, admitted: () => (id) => id !== 'd' })),
  ).toEqual(['c', 'b'])
  // The latest three count, each once.
  expect(ids(await vectors.like(['d', 'c', 'b', 'a'], { ...all, k: 3 }))).toEqual(['b', 'c', 'a'])
  expect(ids(await vectors.like(['d', 'a', 'a', 'a'], all))).toEqual(['b', 'c'])
  expect(ids(await vectors.near(Float32Array.of(1, 0), all))).toEqual(['a', 'b'])
  expect(await vectors.like(['none'], all)).toBeUndefined()
  expect(await vectors.near(Float32Array.of(1, 0, 0), all)).toBeUndefined()
  expect(outcomes).toEqual(Array(7).fill('answered'))
})

test('a store that is not there is logged by its folder, once', async () => {
  const folder = join(await temporaryFolder(), 'nowhere')
  const warn = vi.fn()
  const vectors = await createLiveVectors({
    source: vectorSource({ kind: 'exact', folder, refreshMs: 10 }),
    log: { ...serverLog(silent), warn },
    now: () => performance.now(),
    onSearch: () => undefined,
  })
  await new Promise((done) => setTimeout(done, 100))
  await vectors.close()
  expect(warn.mock.calls).toEqual([['no version of the vector store is in use', { store: folder }]])
})

test('a store that cannot be reached is logged once for each kind of error, and again after one was opened', async () => {
  const store = await faultyVectors()
  const { database } = store
  let tries = 0
  let isDown = true
  const warn = vi.fn<(message: string, fields?: { readonly error?: string }) => void>()
  const vectors = await createLiveVectors({
    source: {
      ...{ ...vectorDefaults, refreshMs: 1, reconnects: false, place: 'state/vectors' },
      connect: () => ({
        ...database,
        current: async () => {
          if (!isDown) return database.current()
          const code = tries++ % 2 === 0 ? 'STORE_UNAVAILABLE' : 'STORE_DAMAGED'
          throw new EnsuiteError(code, `retried 3 times, ${tries} ms`)
        },
      }),
    },
    log: { ...serverLog(silent), warn },
    now: () => performance.now(),
    onSearch: () => undefined,
  })
  onTestFinished(() => vectors.close())
  await expect.poll(() => tries).toBeGreaterThan(20)
  const errors = () => warn.mock.calls.map(([, fields]) => fields?.error)
  const before = ['retried 3 times, 1 ms', 'retried 3 times, 2 ms']
  expect(errors()).toEqual(before)
  await store.publish('v1', rows, { dimensions: 2, similarity: 'cosine' })
  isDown = false
  await expect.poll(() => vectors.latest?.version).toBe('v1')
  const since = tries
  isDown = true
  await expect.poll(() => tries).toBeGreaterThan(since + 20)
  expect(errors()).toEqual([...before, ...[since + 1, since + 2].map((ms) => `retried 3 times, ${ms} ms`)])
})

test('what is no id or no filter of the store says nothing of whether it answers', async () => {
  const { vectors } = await live()
  const filter = { attribute: 'price', below: 1 }
  for (let time = 0; time < 10; time++) {
    expect(await vectors.like(['\ud800', 'x'.repeat(600)], all)).toBeUndefined()
    expect(await vectors.near(Float32Array.of(1, 0), { ...all, filter })).toBeUndefined()
  }
  expect(vectors.state).toBe('closed')
  expect(await vectors.like(['a'], all)).toHaveLength(2)
})

test('a version whose description cannot be read is held by nobody, and taken up when it can', async () => {
  const { vectors, store } = await live()
  store.become('undescribed')
  await store.publish('v2', rows.slice(0, 1), { dimensions: 2, similarity: 'cosine' })
  await new Promise((done) => setTimeout(done, 200))
  expect(vectors.latest?.version).toBe('v1')
  expect(store.open()).toBe(1)
  store.become('none')
  while (vectors.latest?.version !== 'v2') await new Promise((done) => setTimeout(done, 5))
  expect(await vectors.like(['a'], all)).toHaveLength(1)
})

test.each([
  [true, 'a connection that failed for longer is made anew'],
  [false, 'a store in this process stays open'],
])('where it reconnects is %s, %s', async (reconnects) => {
  // What was connected anew is not waited for until the usual time.
  const { vectors, store, connect } = await live({ reconnects, refreshMs: 60_000 })
  store.become('down')
  for (let time = 0; time < 2; time++) expect(await vectors.like(['a'], all)).toBeUndefined()
  expect(vectors.state).toBe('open')
  expect(connect).toHaveBeenCalledTimes(1)
  await new Promise((done) => setTimeout(done, 60))
  expect(await vectors.like(['a'], all)).toBeUndefined()
  expect(connect).toHaveBeenCalledTimes(reconnects ? 2 : 1)
  store.become('none')
  // It takes about a second, which is as long as a poll waits unless told.
  await expect.poll(() => vectors.like(['a'], all), { timeout: 10_000 }).toHaveLength(2)
  expect(vectors.state).toBe('closed')
})

test('a search that fails after it was closed connects nothing anew', async () => {
  const { vectors, store, connect } = await live({ reconnects: true, refreshMs: 60_000 })
  store.become('down')
  for (let time = 0; time < 2; time++) expect(await vectors.like(['a'], all)).toBeUndefined()
  await new Promise((done) => setTimeout(done, 60))
  store.become('half-open')
  const asked = vectors.like(['a'], all)
  await vectors.close()
  expect(await asked).toBeUndefined()
  expect(vectors.state).toBe('open')
  expect(connect).toHaveBeenCalledTimes(1)
})

test('searches that are never answered do not pile up, and do not keep it from closing', async () => {
  const { vectors, store, outcomes } = await live({ timeoutMs: 300 })
  store.become('half-open')
  const before = store.asked()
  const started = performance.now()
  const found = await Promise.all(Array.from({ length: 200 }, () => vectors.like(['a'], all)))
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(found.every((each) => each === undefined)).toBe(true)
  expect(store.asked() - before).toBe(64)
  expect(outcomes.filter((outcome) => outcome === 'late')).toHaveLength(64)
  expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(136)
  const closing = performance.now()
  await vectors.close()
  expect(performance.now() - closing).toBeLessThan(7_000)
})
