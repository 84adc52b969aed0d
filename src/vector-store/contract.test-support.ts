import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { lengthOf } from './vector-table.ts'
import { rowTest, type VectorFilter } from './filter.ts'
import type { AttributeValue, VectorDatabase, VectorRow, VectorSchema, VectorStore } from './vector-store.ts'

export interface ContractOptions {
  /** An empty database of its own. */
  readonly empty: () => Promise<VectorDatabase>
  /** The same one, as another process would find it after the first has been closed. */
  readonly again: () => Promise<VectorDatabase>
  /** Of scores. */
  readonly tolerance?: number
}

const schema = {
  dimensions: 4,
  similarity: 'dot',
  attributes: { category: 'text', price: 'number', sale: 'boolean' },
} satisfies VectorSchema
const CATEGORIES = ['skirt', "it's", 'a "b" \\ c', 'ü', '%_', "x' or 1=1"]

export function rowsOf(count: number, seed: number, dimensions = schema.dimensions): VectorRow[] {
  const random = createRandom(seed, 1)
  return Array.from({ length: count }, (_, at) => ({
    id: `i${at}`,
    vector: Float32Array.from({ length: dimensions }, () => 2 * random.uniform() - 1),
    attributes: {
      category: CATEGORIES[Math.floor(random.uniform() * CATEGORIES.length)]!,
      price: Math.floor(random.uniform() * 20) - 5 + (at % 2) / 2,
      sale: random.uniform() < 0.5,
    },
  }))
}

/** What exact search finds, written plainly. */
export function bruteForce(
  rows: readonly VectorRow[],
  query: Float32Array,
  {
    k,
    filter,
    schema: of = schema,
  }: { readonly k: number; readonly filter?: VectorFilter; readonly schema?: VectorSchema },
): readonly { readonly id: string; readonly score: number }[] {
  const columns = Object.fromEntries(
    Object.keys(of.attributes ?? {}).map((name) => [name, rows.map((row) => row.attributes![name]!)]),
  )
  const test = filter === undefined ? () => true : rowTest(filter, of, columns)
  return rows
    .filter((_, at) => test(at))
    .map(({ id, vector }) => {
      const dot = vector.reduce((sum, value, at) => sum + value * query[at]!, 0)
      return { id, score: of.similarity === 'dot' ? dot : dot / lengthOf(vector) / lengthOf(query) }
    })
    .sort((one, other) => other.score - one.score)
    .slice(0, k)
}

const value: fc.Arbitrary<VectorFilter> = fc.oneof(
  fc.record({ attribute: fc.constant('category'), is: fc.constantFrom(...CATEGORIES, 'none') }),
  fc.record({ attribute: fc.constant('category'), in: fc.subarray([...CATEGORIES]) }),
  fc.record({ attribute: fc.constant('sale'), is: fc.boolean() }),
  fc.record({ attribute: fc.constant('price'), is: fc.integer({ min: -5, max: 15 }) }),
  ...(['above', 'atLeast', 'below', 'atMost'] as const).map((by) =>
    fc
      .double({ min: -6, max: 16, noNaN: true })
      .map((bound) => ({ attribute: 'price', [by]: bound }) as VectorFilter),
  ),
)
const filters: fc.Arbitrary<VectorFilter> = fc.letrec<{ filter: VectorFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    value,
    fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter

/** What every store does. */
export function checkStore(name: string, { empty, again, tolerance = 1e-5 }: ContractOptions): void {
  const open: VectorDatabase[] = []
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close()
  })
  const database = async (): Promise<VectorDatabase> => {
    const made = await empty()
    open.push(made)
    return made
  }
  const filled = async (rows: readonly VectorRow[], of: VectorSchema = schema): Promise<VectorStore> => {
    const store = await (await database()).create('v1', of)
    await store.upsert(rows)
    return store
  }
  const expectFound = (
    found: readonly { id: string; score: number }[],
    expected: readonly { id: string; score: number }[],
  ): void => {
    expect(found.length).toBe(expected.length)
    for (const [at, { score }] of expected.entries())
      expect(Math.abs(found[at]!.score - score)).toBeLessThan(tolerance)
    // Where scores are apart, the ids are the same.
    const apart = expected.filter((each) =>
      expected.every((other) => other === each || Math.abs(other.score - each.score) > 2 * tolerance),
    )
    const ids = found.map(({ id }) => id)
    for (const { id } of apart.slice(0, -1)) expect(ids).toContain(id)
  }

  describe(`${name} as a vector store`, () => {
    it.each(['dot', 'cosine'] as const)('finds what scoring every row finds (%s)', async (similarity) => {
      const rows = rowsOf(300, 1)
      const store = await filled(rows, { ...schema, similarity })
      const queries = rowsOf(40, 2).map(({ vector }) => vector)
      for (const k of [1, 7, 300, 1000]) {
        const found = await store.search(queries, { k })
        for (const [at, query] of queries.entries())
          expectFound(found[at]!, bruteForce(rows, query, { k, schema: { ...schema, similarity } }))
      }
    })

    it('finds only what a filter lets pass, whatever the filter', async () => {
      const rows = rowsOf(120, 3)
      const store = await filled(rows)
      const query = rowsOf(1, 4)[0]!.vector
      await fc.assert(
        fc.asyncProperty(filters, async (filter) => {
          const expected = bruteForce(rows, query, { k: 120, filter })
          expectFound((await store.search([query], { k: 120, filter }))[0]!, expected)
          expect(await store.count(filter)).toBe(expected.length)
        }),
        { numRuns: 60 },
      )
    })

    it('sees at once what is added, changed and taken away', async () => {
      const store = await filled(rowsOf(20, 5))
      const far = Float32Array.of(9, 9, 9, 9)
      await store.upsert([{ ...rowsOf(1, 6)[0]!, id: 'new', vector: far }])
      expect((await store.search([far], { k: 1 }))[0]![0]).toMatchObject({ id: 'new' })
      expect(await store.count()).toBe(21)
      await store.upsert([
        {
          id: 'new',
          vector: Float32Array.of(-9, -9, -9, -9),
          attributes: { category: 'ü', price: 3.25, sale: true },
        },
      ])
      expect((await store.search([far], { k: 1 }))[0]![0]!.id).not.toBe('new')
      expect(await store.count()).toBe(21)
      expect(await store.get(['none', 'new'])).toEqual([
        undefined,
        {
          id: 'new',
          vector: Float32Array.of(-9, -9, -9, -9),
          attributes: { category: 'ü', price: 3.25, sale: true },
        },
      ])
      await store.delete(['new', 'none'])
      expect(await store.get(['new'])).toEqual([undefined])
      expect(await store.count()).toBe(20)
      expect((await store.search([far], { k: 100 }))[0]!.map(({ id }) => id)).not.toContain('new')
      await store.delete(rowsOf(20, 5).map(({ id }) => id))
      expect(await store.count()).toBe(0)
      expect(await store.search([far, far], { k: 3 })).toEqual([[], []])
      expect(await store.search([], { k: 3 })).toEqual([])
    })

    it('gives back every row', async () => {
      const rows = rowsOf(2300, 7)
      const store = await filled(rows)
      const found: VectorRow[] = []
      for await (const block of store.rows()) found.push(...block)
      const byId = new Map(found.map((row) => [row.id, row]))
      expect(found.length).toBe(2300)
      for (const row of rows.slice(0, 50)) expect(byId.get(row.id)).toEqual(row)
    })

    it('keeps versions apart, and takes another one into use at once', async () => {
      const all = await database()
      expect(await all.current()).toBeUndefined()
      await expect(all.open()).rejects.toMatchObject({ code: 'STORE_MISSING' })
      const one = await all.create('v1', schema)
      await one.upsert(rowsOf(5, 8))
      const two = await all.create('v2', { dimensions: 2, similarity: 'cosine' })
      await two.upsert([{ id: 'a', vector: Float32Array.of(1, 2) }])
      await expect(all.create('v1', schema)).rejects.toMatchObject({ code: 'STORE_EXISTS' })
      expect(await all.versions()).toEqual(['v1', 'v2'])
      await all.use('v1')
      expect(await all.current()).toBe('v1')
      await all.use('v2')
      await expect(all.remove('v2')).rejects.toMatchObject({ code: 'STORE_IN_USE' })
      await one.close()
      await two.close()
      const current = await all.open()
      expect(current.schema).toEqual({ dimensions: 2, similarity: 'cosine', attributes: {} })
      expect(await current.count()).toBe(1)
      await all.remove('v1')
      expect(await all.versions()).toEqual(['v2'])
      for (const call of [() => all.open('v1'), () => all.use('v1'), () => all.remove('v1')])
        await expect(call()).rejects.toMatchObject({ code: 'STORE_MISSING' })
    })

    it.each(['a__b', 'current', 'manifest'])(
      'a version called %s is like all others, and changes nothing of the one in use',
      async (name) => {
        const all = await database()
        const about = { rows: 3, recall: 1, k: 2, queries: 5, floor: 0.99 }
        await (await all.create('v1', schema)).close()
        await all.use('v1')
        const made = await all.create(name, schema)
        await made.upsert(rowsOf(3, 13))
        await made.close()
        await all.describe(name, about)
        expect(await all.current()).toBe('v1')
        expect(await all.versions()).toEqual([name, 'v1'].sort())
        expect(await all.about(name)).toEqual(about)
        expect(await all.about('v1')).toBeUndefined()
        const found = await all.open(name)
        expect(await found.count()).toBe(3)
        await found.close()
        await all.remove(name)
        expect(await all.versions()).toEqual(['v1'])
        expect(await all.current()).toBe('v1')
        const again = await all.create(name, schema)
        expect(await again.count()).toBe(0)
        await again.close()
        await all.use(name)
        expect(await all.current()).toBe(name)
      },
    )

    it('is what it was when it is opened again', async () => {
      const first = await database()
      const rows = rowsOf(60, 9)
      const store = await first.create('v1', schema)
      await store.upsert(rows)
      await store.delete(['i3'])
      await store.upsert([{ ...rows[4]!, attributes: { category: 'new', price: -1, sale: false } }])
      await first.use('v1')
      await first.close()
      const second = await again()
      open.push(second)
      const found = await second.open()
      expect(found.schema).toEqual(schema)
      expect(await found.count()).toBe(59)
      expect(await found.get(['i3', 'i5'])).toEqual([undefined, rows[5]])
      expect((await found.get(['i4']))[0]!.attributes).toEqual({ category: 'new', price: -1, sale: false })
      const query = rows[7]!.vector
      const kept = rows.filter(({ id }) => id !== 'i3')
      expectFound((await found.search([query], { k: 10 }))[0]!, bruteForce(kept, query, { k: 10 }))
    })

    it('refuses what does not fit, and is what it was before', async () => {
      const store = await filled(rowsOf(3, 10))
      const [row] = rowsOf(1, 11)
      const bad: readonly [string, unknown][] = [
        ['another width', { ...row!, vector: Float32Array.of(1, 2) }],
        ['no numbers', { ...row!, vector: Float32Array.of(1, 2, NaN, 3) }],
        ['a plain list', { ...row!, vector: [1, 2, 3, 4] }],
        ['no id', { ...row!, id: '' }],
        ['half a character', { ...row!, id: 'a\uD800' }],
        ['a byte order mark', { ...row!, id: '\uFEFFa' }],
        ['a long id', { ...row!, id: 'x'.repeat(513) }],
        ['no attributes', { id: 'x', vector: row!.vector }],
        ['an attribute of another type', { ...row!, attributes: { ...row!.attributes, price: '3' } }],
        ['an attribute too many', { ...row!, attributes: { ...row!.attributes, size: 3 } }],
        ['nothing', null],
      ]
      for (const [what, each] of bad)
        await expect(store.upsert([row!, each as VectorRow]), what).rejects.toMatchObject({
          code: 'OPTION_INVALID',
        })
      const query = row!.vector
      const searches: readonly [readonly Float32Array[], object][] = [
        [[query], { k: 0 }],
        [[query], { k: 20_000 }],
        [[query], { k: 1.5 }],
        [[Float32Array.of(1)], { k: 1 }],
        [[Float32Array.of(1, 2, 3, Infinity)], { k: 1 }],
        [[query], { k: 1, filter: { attribute: 'size', is: 3 } }],
        [[query], { k: 1, filter: { attribute: 'price', is: '3' } }],
        [[query], { k: 1, filter: { attribute: 'category', is: 'a\uD800' } }],
        [[query], { k: 1, filter: { attribute: 'category', above: 3 } }],
        [[query], { k: 1, filter: { attribute: 'constructor', is: 3 } }],
        [[query], { k: 1, filter: 'price > 3' }],
        [[query], { k: 1, filter: { all: {} } }],
        [[query], { k: 1, filter: { not: null } }],
      ]
      for (const [queries, options] of searches)
        await expect(store.search(queries, options as never), JSON.stringify(options)).rejects.toMatchObject({
          code: 'OPTION_INVALID',
        })
      await expect(store.search([query], { k: 1, filters: {} } as never)).rejects.toMatchObject({
        code: 'OPTION_UNKNOWN',
      })
      expect(await store.count()).toBe(3)
    })

    it('refuses names that could lead elsewhere, and schemas that hold nothing', async () => {
      const all = await database()
      for (const name of ['', '..', 'a/b', 'A', 'x'.repeat(64), '1', 'a.b', 7 as unknown as string])
        await expect(all.create(name, schema)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
      const schemas: readonly object[] = [
        { dimensions: 0, similarity: 'dot' },
        { dimensions: 4, similarity: 'euclidean' },
        { dimensions: 4, similarity: 'dot', attributes: { id: 'text' } },
        { dimensions: 4, similarity: 'dot', attributes: { 'a b': 'text' } },
        { dimensions: 4, similarity: 'dot', attributes: { a: 'date' } },
      ]
      for (const each of schemas)
        await expect(all.create('v1', each as VectorSchema), JSON.stringify(each)).rejects.toMatchObject({
          code: 'OPTION_INVALID',
        })
      expect(await all.versions()).toEqual([])
    })

    it('answers nothing after it was closed', async () => {
      const store = await filled(rowsOf(3, 12))
      await store.close()
      await store.close()
      await expect(store.count()).rejects.toMatchObject({ code: 'CLOSED' })
      await expect(store.search([], { k: 1 })).rejects.toMatchObject({ code: 'CLOSED' })
    })
  })
}

export type { AttributeValue }
