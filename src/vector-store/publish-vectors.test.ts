import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { rowsOf } from './contract.test-support.ts'
import { approximateVectors, exactVectors } from './embedded-vectors.ts'
import { lanceVectors } from './lance-database.ts'
import { measureRecall } from './measure-recall.ts'
import { publishVectors } from './publish-vectors.ts'
import type { Found, VectorDatabase, VectorRow, VectorStore } from './vector-store.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-publish-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let count = 0
const folder = (): string => join(root, String(++count))

const schema = { dimensions: 8, similarity: 'cosine' } as const
const plain = (rows: readonly VectorRow[]): VectorRow[] => rows.map(({ id, vector }) => ({ id, vector }))
const rows = plain(rowsOf(300, 1, 8))
const queries = rowsOf(50, 2, 8).map(({ vector }) => vector)

/** A database whose stores lose every other find: an index that is too coarse. */
const halved = (database: VectorDatabase): VectorDatabase => ({
  ...database,
  create: async (...given) => {
    const store = await database.create(...given)
    return {
      ...store,
      search: async (...asked) =>
        (await store.search(...asked)).map((found: readonly Found[]) =>
          found.filter((_, at) => at % 2 === 0),
        ),
    }
  },
})

it.each([
  ['exactVectors', () => exactVectors(folder(), { threads: 1 })],
  ['approximateVectors', () => approximateVectors(folder(), { threads: 1 })],
  ['lanceVectors', () => lanceVectors(folder())],
] as const)('%s: what finds enough is taken into use, with what was measured', async (_, make) => {
  const database = make()
  const model = 'ab'.repeat(32)
  const about = await publishVectors(database, 'v1', rows, { schema, queries, k: 10, model })
  expect(about).toEqual({ rows: 300, recall: 1, k: 10, queries: 50, floor: 0.99, model })
  expect(await database.current()).toBe('v1')
  expect(await database.about('v1')).toEqual(about)
  await expect(publishVectors(database, 'v1', rows, { schema, queries })).rejects.toMatchObject({
    code: 'STORE_EXISTS',
  })
  await database.close()
})

it('what finds too little is refused: the manifest says how much, and what was in use serves on', async () => {
  const database = exactVectors(folder(), { threads: 1 })
  await publishVectors(database, 'v1', rows.slice(0, 100), { schema, queries })
  const serving = await database.open()
  await expect(
    publishVectors(halved(database), 'v2', rows, { schema, queries, k: 10, sample: 20 }),
  ).rejects.toMatchObject({ code: 'RECALL_TOO_LOW', message: expect.stringContaining('50.00 %') as string })
  expect(await database.current()).toBe('v1')
  expect((await serving.search([queries[0]!], { k: 5 }))[0]).toHaveLength(5)
  expect(await database.about('v2')).toMatchObject({ recall: 0.5, queries: 20, rows: 300, floor: 0.99 })
  await database.remove('v2')
  const about = await publishVectors(halved(database), 'v2', rows, { schema, queries, k: 10, floor: 0.5 })
  expect(about.recall).toBe(0.5)
  expect(await database.current()).toBe('v2')
  await database.close()
})

it('a version that cannot be filled is removed, and another one may have its name', async () => {
  const database = exactVectors(folder(), { threads: 1 })
  const bad = [...rows, { id: 'bad', vector: Float32Array.of(1) }]
  await expect(publishVectors(database, 'v1', bad, { schema, queries })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  // A job that delivers nothing empties no shop.
  await expect(publishVectors(database, 'v1', [], { schema, queries })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('no rows') as string,
  })
  expect(await database.versions()).toEqual([])
  await publishVectors(database, 'v1', rows, { schema, queries })
  // Another version is a source of rows.
  const source = await database.open('v1')
  await publishVectors(database, 'v2', source.rows(), { schema, queries })
  expect(await (await database.open()).count()).toBe(300)
  await database.close()
})

async function* inTwo(all: readonly VectorRow[]): AsyncGenerator<readonly VectorRow[]> {
  yield all.slice(0, 200)
  yield* await Promise.resolve([all.slice(200)])
}

it.each([
  ['exactVectors', () => exactVectors(folder(), { threads: 1 })],
  ['lanceVectors', () => lanceVectors(folder())],
] as const)('%s: two rows of one id are refused, and one of each is not', async (_, make) => {
  const database = make()
  const twice = [...rows, rows[7]!]
  for (const given of [twice, inTwo(twice)])
    await expect(publishVectors(database, 'v1', given, { schema, queries })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(`two rows have the id '${rows[7]!.id}'`) as string,
    })
  expect(await database.versions()).toEqual([])
  expect(await publishVectors(database, 'v1', inTwo(rows), { schema, queries })).toMatchObject({ rows: 300 })
  await database.close()
})

it('refuses options that measure nothing, before anything is made', async () => {
  const database = exactVectors(folder(), { threads: 1 })
  const given: readonly object[] = [
    { schema, queries: [] },
    { schema, queries, k: 0 },
    { schema, queries, floor: 1.1 },
    { schema, queries, sample: 0 },
    { schema, queries, seed: -1 },
    { schema, queries, model: 'shop' },
    { queries },
    { schema, queries: [null] },
    { schema, queries: [[1, 2]] },
  ]
  for (const options of given)
    await expect(
      publishVectors(database, 'v1', rows, options as never),
      JSON.stringify(Object.keys(options)),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(
    publishVectors(database, 'v1', rows, { schema, queries, least: 1 } as never),
  ).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' })
  for (const given of [undefined, null, {}, 'rows'])
    await expect(publishVectors(database, 'v1', given as never, { schema, queries })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('publishVectors: rows expects a list of rows') as string,
    })
  expect(await database.versions()).toEqual([])
})

it('which of equal rows are found does not matter; rows that are not the best do', async () => {
  const same = Array.from({ length: 6 }, (_, at) => ({ id: `s${at}`, vector: Float32Array.of(1, 0) }))
  const far = { id: 'far', vector: Float32Array.of(-1, 0) }
  const answering = (found: readonly Found[]): VectorStore =>
    ({
      schema: { dimensions: 2, similarity: 'dot', attributes: {} },
      search: () => Promise.resolve([found]),
      rows: async function* () {
        yield await Promise.resolve([...same, far])
      },
    }) as unknown as VectorStore
  const query = [Float32Array.of(1, 0)]
  const of = (ids: readonly [string, number][]): readonly Found[] => ids.map(([id, score]) => ({ id, score }))
  const recall = (ids: readonly [string, number][]) => measureRecall(answering(of(ids)), query, 2)
  expect(
    await recall([
      ['s4', 1],
      ['s5', 1],
    ]),
  ).toBe(1)
  expect(
    await recall([
      ['s4', 1],
      ['far', -1],
    ]),
  ).toBe(0.5)
  expect(
    await recall([
      ['s4', 1],
      ['s4', 1],
    ]),
  ).toBe(0.5)
  expect(await recall([])).toBe(0)
})

it('how far scores are apart is measured by how long query and rows are', async () => {
  const directions = Array.from({ length: 12 }, (_, at) => 0.1 * at)
  const score = ([x]: Float32Array): number => x! * 1e-3
  const answering = (stored: readonly VectorRow[], order: 1 | -1): VectorStore =>
    ({
      schema: { dimensions: 2, similarity: 'dot', attributes: {} },
      search: () =>
        Promise.resolve([
          stored
            .map(({ id, vector }): Found => ({ id, score: score(vector) }))
            .sort((one, other) => order * (other.score - one.score))
            .slice(0, 3),
        ]),
      rows: async function* () {
        yield await Promise.resolve(stored)
      },
    }) as unknown as VectorStore
  const small = directions.map((angle, at) => ({
    id: `i${at}`,
    vector: Float32Array.of(1e-3 * Math.cos(angle), 1e-3 * Math.sin(angle)),
  }))
  const query = [Float32Array.of(1e-3, 0)]
  expect(await measureRecall(answering(small, 1), query, 3)).toBe(1)
  expect(await measureRecall(answering(small, -1), query, 3)).toBe(0)
  // All but equal, whichever way they are ordered.
  const alike = directions.map((_, at) => ({ id: `i${at}`, vector: Float32Array.of(1e-3 + 1e-10 * at, 0) }))
  expect(await measureRecall(answering(alike, -1), query, 3)).toBe(1)
})
