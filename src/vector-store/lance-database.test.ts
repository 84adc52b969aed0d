import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { checkStore, rowsOf } from './contract.test-support.ts'
import { lanceVectors } from './lance-database.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-lance-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let count = 0
const schema = { dimensions: 8, similarity: 'dot', attributes: { price: 'number' } } as const
checkStore('lanceVectors', {
  empty: () => Promise.resolve(lanceVectors(join(root, String(++count)))),
  again: () => Promise.resolve(lanceVectors(join(root, String(count)))),
})

it('an index finds as many rows as there are to be found, however few a filter lets pass', async () => {
  const database = lanceVectors(join(root, String(++count)), { indexFrom: 1000 })
  const store = await database.create('v1', schema)
  const rows = rowsOf(2000, 1, 8).map(({ id, vector }, at) => ({ id, vector, attributes: { price: at } }))
  await store.upsert(rows)
  await store.optimize()
  const queries = rowsOf(5, 2, 8).map(({ vector }) => vector)
  const few = rows.filter(({ attributes: { price } }) => price >= 1000 && price < 1010)
  const filter = {
    all: [
      { attribute: 'price', atLeast: 1000 },
      { attribute: 'price', below: 1010 },
    ],
  } as const
  for (const found of await store.search(queries, { k: 10, filter }))
    expect(found.map(({ id }) => id).sort()).toEqual(few.map(({ id }) => id).sort())
  for (const k of [500, 1000, 2000])
    for (const found of await store.search(queries, { k })) expect(found).toHaveLength(k)
  await database.close()
})

it('a version that is damaged, or was begun and not filled, can be removed', async () => {
  const folder = join(root, String(++count))
  const first = lanceVectors(folder)
  await (
    await first.create('v1', schema)
  ).upsert(rowsOf(5, 3, 8).map(({ id, vector }) => ({ id, vector, attributes: { price: 1 } })))
  await first.close()
  for (const name of await readdir(join(folder, 'v1.lance')))
    await rm(join(folder, 'v1.lance', name), { recursive: true })
  const database = lanceVectors(folder)
  await expect(database.open('v1')).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  await database.remove('v1')
  expect(await database.versions()).toEqual([])
  await expect(database.remove('v1')).rejects.toMatchObject({ code: 'STORE_MISSING' })
  expect(await (await database.create('v1', schema)).count()).toBe(0)
  await database.close()
})

it('a database that was closed is not opened again by a call', async () => {
  const folder = join(root, String(++count))
  const database = lanceVectors(folder)
  await (await database.create('v1', schema)).close()
  await database.use('v1')
  await database.close()
  await database.close()
  const calls = [
    () => database.open(),
    () => database.create('v2', schema),
    () => database.current(),
    () => database.use('v1'),
    () => database.versions(),
    () => database.about('v1'),
    () => database.remove('v1'),
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'CLOSED' })
})

it('refuses options that find nothing', () => {
  const bad: readonly object[] = [
    { probes: NaN },
    { probes: 0 },
    { probes: 1.5 },
    { probes: '1' },
    { indexFrom: 0 },
    { indexFrom: 1.5 },
    { indexFrom: Infinity },
  ]
  for (const options of bad)
    expect(() => lanceVectors('vectors', options), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
})
