import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { bruteForce, rowsOf } from './contract.test-support.ts'
import { approximateVectors } from './embedded-vectors.ts'
import { measureRecall } from './measure-recall.ts'
import type { Found } from './vector-store.ts'

const root = await mkdtemp(join(tmpdir(), 'ensuite-approximate-'))
afterAll(() => rm(root, { recursive: true, force: true }))

// Wide enough that searches go by the index.
const schema = {
  dimensions: 256,
  similarity: 'cosine',
  attributes: { category: 'text', price: 'number', sale: 'boolean' },
} as const
const rows = rowsOf(6000, 1, 256)
const queries = rowsOf(20, 2, 256).map(({ vector }) => vector)

it('finds nearly all by its index, all by a filter that few pass, and sees what came after it', async () => {
  const folder = join(root, 'finds')
  const options = { connectivity: 16, expansionAdd: 32, expansionSearch: 3000, threads: 1 }
  const database = approximateVectors(folder, options)
  const store = await database.create('v1', schema)
  await store.upsert(rows)
  await store.optimize()
  expect(await measureRecall(store, queries, 20)).toBeGreaterThan(0.95)
  const filter = {
    all: [
      { attribute: 'price', atMost: -4.5 },
      { attribute: 'sale', is: true },
    ],
  } as const
  for (const query of queries) {
    const [found] = await store.search([query], { k: 10, filter })
    const expected = bruteForce(rows, query, { k: 10, filter, schema })
    expect(found!.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  }
  const [query] = queries as [Float32Array]
  const [{ id: best }] = bruteForce(rows, query, { k: 1, schema }) as readonly [Found]
  await store.delete([best])
  await store.upsert([{ ...rows[0]!, id: 'new', vector: query }])
  const [found] = await store.search([query], { k: 50 })
  expect(found![0]).toMatchObject({ id: 'new' })
  expect(found!.map(({ id }) => id)).not.toContain(best)
  await database.close()

  const again = approximateVectors(folder, { ...options, expansionSearch: 2999, threads: 2 })
  const before = await readFile(join(folder, 'v1', 'vectors.usearch'))
  const opened = await again.open('v1')
  expect((await opened.search([query], { k: 50 }))[0]).toEqual(found)
  await again.close()
  // What only searches ask for does not make another index.
  expect((await readFile(join(folder, 'v1', 'vectors.usearch'))).equals(before)).toBe(true)
})
