import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fitBaseline, saveBaseline } from '../artifact/index.ts'
import { encodeSessions } from '../artifact/sessions-file.ts'
import { sha256 } from '../artifact/sha256.ts'
import {
  sessionsOfColumns,
  tinyBaseline,
  type TinyBaselineOptions,
} from '../artifact/tiny-baseline.test-support.ts'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { baselineKinds } from '../baselines/index.ts'
import { createCatalogue } from '../catalogue/index.ts'
import { RESERVED } from '../codes.ts'
import { planEvaluation } from '../data/batches.ts'
import { rankSessions } from '../evaluate/rank-sessions.ts'
import { digestedBytes } from '../json-digest.ts'
import { createRandom } from '../random.ts'
import type { Event } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'

const createdAt = new Date(0)
const workerUrl = fromSource('worker.ts')
const events = (...items: readonly string[]): readonly Event[] => items.map((item) => ({ item }))
const coded = (code: string): Error => expect.objectContaining({ code }) as Error

async function saved(options: TinyBaselineOptions = {}): Promise<string> {
  const folder = join(await temporaryFolder(), 'shop')
  await saveBaseline(folder, tinyBaseline(options), { createdAt })
  return folder
}

async function loaded(options: TinyBaselineOptions = {}) {
  const recommender = await loadWith(await saved(options), { threads: 1 }, { workerUrl })
  onTestFinished(() => recommender.close())
  return recommender
}

/** Sessions to measure: some of unknown items, some longer than any model reads, some of an item that nothing was learnt of. */
const random = createRandom(5)
const measured = [
  ...Array.from({ length: 40 }, () => {
    const start = random.below(20)
    return Array.from({ length: 2 + random.below(6) }, () => start + random.below(5))
  }),
  Array.from({ length: 120 }, (_, at) => at % 27),
  [29, 3],
  [27, 4],
  [-1, 5, -1, 6],
]

test.each(baselineKinds.flatMap((kind) => [[kind, true] as const, [kind, false] as const]))(
  '%s, seen items left out: %s: order, scores and ranks are those of the evaluation, ties included',
  async (kind, excludeSeen) => {
    const recommender = await loaded({ kind })
    const fitted = fitBaseline(tinyBaseline({ kind }))
    const { items } = fitted
    const sessions = sessionsOfColumns(measured, { times: true })
    const plan = planEvaluation(sessions, { maxLength: 5, batchSize: 1000 })
    const batch = plan.batch(0)
    const scores = await fitted.score(batch, sessions)
    const { ranks, sessionIndices } = await rankSessions(fitted, sessions, {
      items,
      maxLength: 5,
      batchSize: 16,
      filterSeen: excludeSeen,
    })
    expect(sessionIndices.length).toBe(measured.length)
    let whole = 0
    for (const [row, session] of batch.sessionIndices.entries()) {
      const columns = measured[session]!
      const prefix = columns.slice(0, -1)
      const left = new Set(excludeSeen ? prefix : [])
      const own = scores.subarray(row * items, (row + 1) * items)
      const expected = [...own.keys()]
        .filter((column) => !left.has(column))
        .sort((one, other) => own[other]! - own[one]! || one - other)
      const answer = await recommender.recommend(
        events(...prefix.map((column) => (column < 0 ? 'new' : `i${column}`))),
        { k: items, excludeSeen },
      )
      const placed = answer.items.map(({ item }) => Number(item.slice(1)))
      if (answer.fallback === undefined) {
        whole++
        expect(placed).toEqual(expected)
        expect(answer.items.map(({ score }) => score)).toEqual(expected.map((column) => own[column]))
      } else {
        // All are one tie, whose order is that of popularity.
        expect(expected.every((column) => own[column] === 0)).toBe(true)
        expect(placed).toEqual([...expected].sort((one, other) => one - other))
      }
      const target = columns.at(-1)!
      const tied = placed.flatMap((column, at) => (own[column] === own[target] ? [at + 1] : []))
      const rank = left.has(target) ? items + 1 : tied.reduce((sum, each) => sum + each, 0) / tied.length
      expect(ranks[sessionIndices.indexOf(session)], `session ${session}`).toBe(rank)
    }
    expect(whole).toBeGreaterThan(35)
  },
)

test('what it says of itself', async () => {
  const recommender = await loaded()
  const { items, dimensions, heads, maxLength, takesNewItems, needsPast, itemColumn, timeColumn } =
    recommender
  expect({ items, dimensions, heads, takesNewItems, needsPast, itemColumn, timeColumn }).toEqual({
    ...{ items: 30, dimensions: 0, heads: [], takesNewItems: false, needsPast: false },
    ...{ itemColumn: 'item', timeColumn: 'at' },
  })
  expect(maxLength).toBe(Number.MAX_SAFE_INTEGER)
  expect(['i3', 'i29', 'new'].map((item) => recommender.knows(item))).toEqual([true, true, false])
})

test('items that no neighbour holds score 0 and are marked; where none is held by one, popularity stands in', async () => {
  const recommender = await loaded()
  const answer = await recommender.recommend(events('i5'), { k: 30 })
  expect(answer).not.toHaveProperty('fallback')
  const sources = answer.items.map(({ score, source }) => [score > 0, source])
  const said = sources.filter(([is]) => is === true).length
  expect(said).toBeGreaterThan(3)
  expect(sources).toEqual([
    ...new Array<unknown>(said).fill([true, undefined]),
    ...new Array<unknown>(29 - said).fill([false, 'popular']),
  ])
  // i27 has had one session, of itself alone; i29 none.
  for (const item of ['i27', 'i29']) {
    const silent = await recommender.recommend(events(item), { k: 3 })
    expect(silent).toMatchObject({ fallback: 'popularity', unknown: [] })
    expect(silent.items.map((each) => each.item)).toEqual(['i0', 'i1', 'i2'])
    expect(silent.items[0]!.score).toBeCloseTo(30 / 465, 6)
  }
  expect(await recommender.recommend(events('new'), { k: 1 })).toMatchObject({
    fallback: 'popularity',
    unknown: ['new'],
  })
})

test('similar: its own scores after a session of the item alone, and nothing where it says nothing', async () => {
  const recommender = await loaded({ kind: 'item-knn' })
  const own = fitBaseline(tinyBaseline({ kind: 'item-knn' })).scoreAfter(Int32Array.of(5 + RESERVED))
  const found = await recommender.similar({ item: 'i5' }, { k: 30 })
  expect(found!.items.length).toBeGreaterThan(3)
  expect(found!.items.map(({ item }) => item)).not.toContain('i5')
  expect(found!.items.length).toBe(own.filter((score, column) => score > 0 && column !== 5).length)
  for (const { item, score } of found!.items) expect(score).toBe(own[Number(item.slice(1))])
  expect(found).not.toHaveProperty('vector')
  expect((await recommender.similar({ events: events('i5') }, { k: 30 }))!.items).toEqual(found!.items)
  const first = found!.items[0]!.item
  expect((await recommender.similar({ item: 'i5' }, { k: 1, hide: [first] }))!.items).toEqual([
    found!.items[1],
  ])
  for (const to of [{ item: 'i29' }, { item: 'new' }, { events: events('i29') }, { events: events('new') }])
    expect(await recommender.similar(to)).toBeUndefined()
})

test('what asks for vectors is refused, and says what to do', async () => {
  const recommender = await loaded()
  for (const [call, message] of [
    [recommender.embed(events('i1')), /A baseline has no vectors of sessions/],
    [recommender.addItems([{ columns: { item: 'fresh' } }]), /'fresh' is no item.*Train it again/],
    [
      recommender.recommend(events('i1'), { rules: { diversity: { weight: 0.5 } } }),
      /diversity compares vectors of items, and a baseline has none/,
    ],
  ] as const) {
    await expect(call).rejects.toThrow(message)
    await expect(call).rejects.toThrow(coded('OPTION_INVALID'))
  }
  const vectors = (): Float32Array => Float32Array.of(1, 2)
  const diverse = await recommender.recommend(events('i1'), {
    rules: { diversity: { weight: 0.5 } },
    vectors,
  })
  expect(diverse.items.length).toBe(10)
})

test('items are taken out and come back', async () => {
  const recommender = await loaded()
  const best = async (): Promise<string> => (await recommender.recommend(events('i5'))).items[0]!.item
  const before = await best()
  recommender.removeItems([before])
  expect(recommender.isRemoved(before)).toBe(true)
  expect(await best()).not.toBe(before)
  await recommender.addItems([{ columns: { item: before } }])
  expect(await best()).toBe(before)
})

test('for a shop: what it says first, then what stands in, each by its source', async () => {
  const recommender = await loaded()
  const own = (await recommender.recommend(events('i5'), { k: 29 })).items.filter(({ score }) => score > 0)
  const catalogue = createCatalogue({ attributes: { price: 'number' } })
  catalogue.upsert([
    ...Array.from({ length: 30 }, (_, at) => ({ item: `i${at}`, attributes: { price: at } })),
    { item: 'fresh', attributes: { price: 5 } },
  ])
  const answer = await recommender.recommend(events('i5'), { k: 30, catalogue })
  expect(answer.items.slice(0, own.length)).toEqual(own.map((each) => ({ ...each, source: 'model' })))
  expect(answer.items.slice(own.length).map(({ source }) => source)).toEqual([
    ...new Array<string>(29 - own.length).fill('popular'),
    'catalogue',
  ])
  expect(answer).not.toHaveProperty('fallback')
  const rules = {
    filter: { attribute: 'price', below: 8 },
    pin: [{ item: 'i2', place: 2 }],
    boosts: [{ when: { attribute: 'price', is: 0 }, add: 100 }],
  } as const
  const ruled = await recommender.recommend(events('i5'), { k: 3, catalogue, rules })
  // A boost speaks for an item that the baseline says nothing of.
  expect(own.map(({ item }) => item)).not.toContain('i0')
  expect(ruled.items.map(({ item }) => item).slice(0, 2)).toEqual(['i0', 'i2'])
  expect(ruled.items[0]).toEqual({ item: 'i0', score: 100, source: 'model' })
  const silent = await recommender.recommend(events('i29'), { k: 3, catalogue })
  expect(silent).toMatchObject({ fallback: 'popularity' })
  expect(silent.items.map(({ item, source }) => [item, source])).toEqual(
    ['i0', 'i1', 'i2'].map((item) => [item, 'popular']),
  )
})

test('calls that come together are scored together, and a worker that dies is replaced', async () => {
  const threads: { terminate: () => Promise<unknown> }[] = []
  const batches: number[] = []
  const recommender = await loadWith(
    await saved({ kind: 'ease' }),
    { background: true },
    { workerUrl, onThread: (thread) => threads.push(thread), onBatch: (sessions) => batches.push(sessions) },
  )
  onTestFinished(() => recommender.close())
  const ask = async () => (await recommender.recommend(events('i3', 'i4'))).items
  const [one, other] = await Promise.all([ask(), ask()])
  expect(one).toEqual(other)
  expect(batches).toEqual([2])
  await threads[0]!.terminate()
  expect(await ask()).toEqual(one)
  expect(threads.length).toBe(2)
})

test('an artifact whose sessions do not do is refused when it is loaded', async () => {
  const folder = await saved()
  // A stranger takes the times away, and makes all digests anew.
  const sessions = encodeSessions(sessionsOfColumns([[1, 2]], { times: false }))
  await writeFile(join(folder, 'sessions.safetensors'), sessions)
  const file = join(folder, 'manifest.json')
  const { digest: _, ...json } = JSON.parse(await readFile(file, 'utf8')) as {
    readonly digest: string
    readonly files: Record<string, object>
  }
  json.files['sessions.safetensors'] = { bytes: sessions.length, sha256: sha256(sessions) }
  await writeFile(file, JSON.stringify({ ...json, digest: sha256(digestedBytes(json)) }))
  const load = loadWith(folder, {}, { workerUrl })
  await expect(load).rejects.toThrow(coded('ARTIFACT_INVALID'))
  await expect(load).rejects.toThrow(/vstan.*cannot be fitted.*needs sessions with times/)
})
