import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { flipped, truncated } from '../mutants.test-support.ts'
import { createRandom } from '../random.ts'
import { bruteForce, rowsOf } from './contract.test-support.ts'
import { approximateVectors, exactVectors } from './embedded-vectors.ts'
import { keptIndex, readAbout } from './kept-index.ts'
import type { VectorDatabase, VectorSchema } from './vector-store.ts'

const schema = {
  dimensions: 4,
  similarity: 'dot',
  attributes: { category: 'text', price: 'number', sale: 'boolean' },
} satisfies VectorSchema
const about = { rows: 40, recall: 1, k: 20, queries: 2, floor: 0.99 }

/** Of every file of a store, `mutants` with another bit and `mutants` that end early: none is taken for what was written. */
export function checkDamage(mutants: number): void {
  let root: string
  let count = 0
  const open: VectorDatabase[] = []
  const folder = (): string => join(root, String(++count))
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ensuite-damage-'))
  })
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close()
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  /** Two versions, `new` in use and filled by several calls; an open one of the other. */
  async function twoVersions() {
    const path = folder()
    const database = exactVectors(path, { threads: 1 })
    open.push(database)
    const rows = rowsOf(12, 1)
    const old = await database.create('old', schema)
    await old.upsert(rows)
    const fresh = await database.create('new', schema)
    for (let call = 0; call < 6; call++) await fresh.upsert(rowsOf(40, call))
    await fresh.delete(['i3', 'i7'])
    await fresh.close()
    await database.use('new')
    await database.describe('new', about)
    const serves = async (): Promise<void> => {
      const query = rows[0]!.vector
      const [found] = await old.search([query], { k: 3 })
      expect(found!.map(({ id }) => id)).toEqual(bruteForce(rows, query, { k: 3 }).map(({ id }) => id))
    }
    return { path, database, old, serves }
  }

  describe(`what was damaged, ${mutants} mutants of each kind`, () => {
    it.each([
      ['flipped', flipped],
      ['truncated', truncated],
    ] as const)('a log that is in use and %s is refused, and left as it is', async (_, mutate) => {
      const { path, database, old, serves } = await twoVersions()
      const log = join(path, 'new', 'vectors.log')
      const whole = await readFile(log)
      for (const [at, [what, bytes]] of mutate(whole, 11, mutants).entries()) {
        await writeFile(log, bytes)
        await expect(database.open(), what).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
        expect((await stat(log)).size, what).toBe(bytes.length)
        if (at % 100 === 0) await serves()
      }
      await old.close()
      await database.use('old')
      expect(await (await database.open()).count()).toBe(12)
      await writeFile(log, whole)
      expect(await (await database.open('new')).count()).toBe(38)
    })

    it('a flipped log that is not in use is refused; a truncated one is what it was after an earlier call', async () => {
      const { path, database } = await twoVersions()
      await database.use('old')
      const log = join(path, 'new', 'vectors.log')
      const whole = await readFile(log)
      for (const [what, bytes] of flipped(whole, 12, mutants)) {
        await writeFile(log, bytes)
        await expect(database.open('new'), what).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      }
      const seen = new Set<number>()
      for (const [what, bytes] of truncated(whole, 13, mutants)) {
        await writeFile(log, bytes)
        const store = await database.open('new').catch((error: unknown) => {
          expect(error, what).toMatchObject({ code: 'STORE_DAMAGED' })
        })
        if (store === undefined) continue
        seen.add(await store.count())
        await store.close()
      }
      expect([0, 40]).toEqual(expect.arrayContaining([...seen]))
      expect(seen).toContain(40)
    })

    it('a file of the version in use is refused, and each version still opens by its name', async () => {
      const { path, database, serves } = await twoVersions()
      const file = join(path, 'current.json')
      const whole = await readFile(file)
      for (const [at, [what, bytes]] of [
        ...flipped(whole, 14, mutants),
        ...truncated(whole, 15, mutants),
      ].entries()) {
        await writeFile(file, bytes)
        for (const call of [() => database.current(), () => database.open(), () => database.remove('new')])
          await expect(call(), what).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
        if (at % 200 !== 0) continue
        await serves()
        const named = await database.open('new')
        expect(await named.count()).toBe(38)
        await named.close()
      }
      await database.use('new')
      expect(await database.current()).toBe('new')
    })

    it('a manifest is refused, and the version still opens', async () => {
      const { path, database } = await twoVersions()
      expect(await database.about('new')).toEqual(about)
      expect(await database.about('old')).toBeUndefined()
      const file = join(path, 'new', 'manifest.json')
      const whole = await readFile(file)
      for (const [what, bytes] of [...flipped(whole, 16, mutants), ...truncated(whole, 17, mutants)]) {
        await writeFile(file, bytes)
        await expect(database.about('new'), what).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      }
      await writeFile(join(path, 'old', 'manifest.json'), whole)
      await expect(database.about('old')).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      expect(await (await database.open()).count()).toBe(38)
    })

    it('a version that was begun and never filled is no version to open, and can be removed', async () => {
      const { path, database, serves } = await twoVersions()
      await mkdir(join(path, 'begun'))
      await expect(database.create('begun', schema)).rejects.toMatchObject({ code: 'STORE_EXISTS' })
      await expect(database.open('begun')).rejects.toMatchObject({ code: 'STORE_MISSING' })
      await database.remove('begun')
      expect(await database.versions()).toEqual(['new', 'old'])
      expect(await (await database.create('begun', schema)).count()).toBe(0)
      await serves()
    })

    it('an index, and the file about it, are not opened', async () => {
      const path = folder()
      const database = exactVectors(path, { threads: 1 })
      await (await database.create('v1', schema)).close()
      const own = join(path, 'v1')
      const settings = { connectivity: 16 }
      const end = { at: 100, digest: 'a'.repeat(64) }
      const kept = keptIndex(own, { settings, end: () => end, isKnown: true })
      const random = createRandom(18)
      const bytes = Buffer.from(Uint8Array.from({ length: 500 }, () => random.below(256)))
      await writeFile(join(own, 'vectors.usearch'), bytes)
      await kept.save({ rows: 50, generation: 3 }, () => undefined)
      expect(await kept.load()).toMatchObject({ rows: 50, generation: 3 })
      const files = ['vectors.usearch', 'vectors.usearch.json'].map((name) => join(own, name))
      for (const file of files) {
        const whole = await readFile(file)
        for (const [what, mutant] of [...flipped(whole, 19, mutants), ...truncated(whole, 20, mutants)]) {
          await writeFile(file, mutant)
          expect(await kept.load(), what).toBeUndefined()
        }
        await writeFile(file, whole)
      }
      expect(await readAbout(own)).toMatchObject({ rows: 50, settings, end })
      const others = [
        { settings: { connectivity: 8 }, end: () => end, isKnown: true },
        { settings, end: () => end, isKnown: false },
      ]
      for (const other of others) expect(await keptIndex(own, other).load()).toBeUndefined()
    })

    it('an index that is not what was written is made anew', async () => {
      const path = folder()
      const wide = { dimensions: 256, similarity: 'cosine' } as const
      const rows = rowsOf(2200, 21, 256).map(({ id, vector }) => ({ id, vector }))
      const query = rows[5]!.vector
      const options = { connectivity: 4, expansionAdd: 8, threads: 1 }
      const first = approximateVectors(path, options)
      const store = await first.create('v1', wide)
      await store.upsert(rows)
      await store.optimize()
      await store.close()
      const file = join(path, 'v1', 'vectors.usearch')
      const whole = await readFile(file)
      for (const [what, bytes] of [...flipped(whole, 22, 2), ...truncated(whole, 23, 2)]) {
        await writeFile(file, bytes)
        const database = approximateVectors(path, options)
        const opened = await database.open('v1')
        const [found] = await opened.search([query], { k: 1 })
        expect(found![0]!.id, what).toBe('i5')
        await database.close()
        expect((await readFile(file)).equals(bytes), what).toBe(false)
      }
    })

    it('an index of rows that have got other places since is made anew', async () => {
      const path = folder()
      const wide = { dimensions: 32, similarity: 'cosine' } as const
      const options = { connectivity: 4, expansionAdd: 8, threads: 1 }
      const rowsFrom = (seed: number, prefix: string) =>
        rowsOf(12_000, seed, 32).map(({ id, vector }) => ({ id: `${prefix}${id}`, vector }))
      const [before, after] = [rowsFrom(24, 'a'), rowsFrom(25, 'b')]
      const store = await approximateVectors(path, options).create('v1', wide)
      await store.upsert(before)
      await store.optimize()
      await store.close()
      const changed = await approximateVectors(path, options).open('v1')
      await changed.delete(before.slice(0, 7000).map(({ id }) => id))
      await changed.upsert(after)
      await changed.close()
      const opened = await approximateVectors(path, options).open('v1')
      const some = after.filter((_, at) => at % 600 === 0)
      const found = await opened.search(
        some.map(({ vector }) => vector),
        { k: 1 },
      )
      const right = found.filter(([best], at) => best!.id === some[at]!.id).length
      expect(right).toBeGreaterThan(some.length / 2)
      await opened.close()
    })

    it('a call that deletes many rows is one call, however long', async () => {
      const path = folder()
      const database = exactVectors(path, { threads: 1 })
      const store = await database.create('v1', { dimensions: 2, similarity: 'dot' })
      const rows = rowsOf(2500, 26, 2).map(({ id, vector }) => ({ id, vector }))
      await store.upsert(rows)
      await store.delete(rows.slice(0, 2400).map(({ id }) => id))
      await database.close()
      expect(await (await exactVectors(path, { threads: 1 }).open('v1')).count()).toBe(100)
    })
  })
}
