import { open, readdir, readFile, symlink, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { flipped, truncated } from '../mutants.test-support.ts'
import { createRandom } from '../random.ts'
import type { CatalogueSeams } from './catalogue-folder.ts'
import { openShop, type CatalogueSettings, type Shop, type ShopItem } from './shop.ts'

const attributes = { brand: 'text', price: 'number', tags: 'texts' } as const
const item = (at: number): ShopItem => ({
  item: `i${at}`,
  attributes: { brand: `brand ${at % 3}`, price: at / 7, tags: ['a', `é${at}`] },
  ...(at % 4 === 0 && { available: false }),
  ...(at % 5 === 0 && { from: at, until: at + 1e12, added: at - 1000 }),
})
const warn = vi.fn()
const opened = (
  folder: string,
  seams?: CatalogueSeams,
  own: CatalogueSettings['attributes'] = attributes,
): Promise<Shop> =>
  openShop(
    { catalogue: { folder, attributes: own } },
    { log: { info: () => undefined, warn }, time: Date.now, seams },
  )
const contentsOf = ({ catalogue }: Shop): unknown => catalogue!.snapshot().items

/** Some changes of every kind. */
async function changeAtRandom(shop: Shop, seed: number, changes: number): Promise<void> {
  const random = createRandom(seed)
  const some = (): number[] => Array.from({ length: 1 + random.below(5) }, () => random.below(40))
  for (let at = 0; at < changes; at++) {
    const kind = random.below(3)
    if (kind === 0) await shop.upsert(some().map(item))
    else if (kind === 1)
      await shop.change(some().map((each) => ({ item: `i${each}`, available: random.below(2) === 0 })))
    else await shop.remove(some().map((each) => `i${each}`))
  }
}

test.each([
  ['as a log', {}],
  ['written anew again and again', { growthBytes: 1 }],
])('what a catalogue was is what it is when it is opened again, %s', async (_, seams) => {
  const folder = await temporaryFolder()
  let before: unknown = []
  let length = 0
  for (let round = 0; round < 4; round++) {
    const shop = await opened(folder, seams)
    expect(contentsOf(shop)).toEqual(before)
    await changeAtRandom(shop, round, 60)
    before = contentsOf(shop)
    await shop.close()
    length = (await stat(join(folder, 'catalogue.log'))).size
  }
  expect(before).not.toEqual([])
  expect(length < 20_000).toBe('growthBytes' in seams)
  expect(await readdir(folder)).toEqual(['catalogue.log'])
})

test('of two that open one folder the second is refused, until the first has closed', async () => {
  const folder = await temporaryFolder()
  const first = await opened(folder)
  await expect(opened(folder)).rejects.toMatchObject({ code: 'CATALOGUE_IN_USE' })
  await first.upsert([item(1)])
  await first.close()
  const second = await opened(folder)
  expect(second.catalogue!.size).toBe(1)
  await second.close()
})

test('who was taken for ended while it stood still, and whose folder another has opened, changes nothing any more', async () => {
  const folder = await temporaryFolder()
  const stopped = await opened(folder)
  const mark = (await readdir(folder)).find((name) => name.startsWith('writer.'))!
  await rm(join(folder, mark))
  const next = await opened(folder)
  await next.upsert([item(1)])
  await expect(stopped.upsert([item(2)])).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  await next.close()
  await stopped.close()
  const again = await opened(folder)
  expect(contentsOf(again)).toEqual([item(1)])
  await again.close()
})

describe('damage', () => {
  /** A log of two calls, the first of which is whole at `end`. */
  async function filled() {
    const folder = await temporaryFolder()
    const log = join(folder, 'catalogue.log')
    const shop = await opened(folder)
    await shop.upsert([item(1), item(2)])
    const end = (await stat(log)).size
    await shop.upsert([item(3)])
    await shop.close()
    return { folder, log, end, whole: await readFile(log) }
  }

  test('a last record that is torn is left out, and said; what comes after it is kept', async () => {
    const { folder, log, end, whole } = await filled()
    for (const length of [end + 1, end + 39, end + 41, whole.length - 1]) {
      await writeFile(log, whole.subarray(0, length))
      warn.mockClear()
      const shop = await opened(folder)
      expect(shop.catalogue!.size).toBe(2)
      expect(warn).toHaveBeenCalledWith(expect.stringMatching(/never whole/), { bytes: length - end })
      await shop.upsert([item(4)])
      await shop.close()
      warn.mockClear()
      const again = await opened(folder)
      expect(contentsOf(again)).toEqual([1, 2, 4].map(item))
      expect(warn).not.toHaveBeenCalled()
      await again.close()
    }
  })

  test('zeros behind the last record, which a machine that failed may leave, are left out; zeros with anything behind them are damage', async () => {
    const { folder, log, whole } = await filled()
    for (const bytes of [1, 39, 40, 41, 4096, 3_000_000]) {
      await writeFile(log, Buffer.concat([whole, Buffer.alloc(bytes)]))
      warn.mockClear()
      const shop = await opened(folder)
      expect(warn).toHaveBeenCalledWith(expect.stringMatching(/never whole/), { bytes })
      expect(shop.catalogue!.size).toBe(3)
      await shop.upsert([item(4)])
      await shop.close()
      const again = await opened(folder)
      expect(again.catalogue!.size).toBe(4)
      await again.close()
    }
    for (const bytes of [41, 4096, 3_000_000]) {
      const tail = Buffer.alloc(bytes)
      tail[bytes - 1] = 1
      await writeFile(log, Buffer.concat([whole, tail]))
      await expect(opened(folder)).rejects.toMatchObject({ code: 'CATALOGUE_DAMAGED' })
    }
  })

  test('another bit anywhere is refused, and the file left as it is; a shorter one is what it was after an earlier call', async () => {
    const { folder, log, whole } = await filled()
    for (const [what, bytes] of flipped(whole, 1, 200)) {
      await writeFile(log, bytes)
      await expect(opened(folder), what).rejects.toMatchObject({ code: 'CATALOGUE_DAMAGED' })
      expect((await readFile(log)).equals(bytes), what).toBe(true)
    }
    const sizes = new Set<number>()
    for (const [what, bytes] of truncated(whole, 2, 200)) {
      await writeFile(log, bytes)
      const shop = await opened(folder).catch((error: unknown) => {
        expect(error, what).toMatchObject({ code: 'CATALOGUE_DAMAGED' })
      })
      if (shop === undefined) continue
      sizes.add(shop.catalogue!.size)
      await shop.close()
    }
    expect([...sizes].sort()).toEqual([0, 2])
    await writeFile(log, whole)
    const shop = await opened(folder)
    expect(shop.catalogue!.size).toBe(3)
    await shop.close()
  })

  test('a part of all that was written anew is none of it', async () => {
    const { folder, log } = await filled()
    const shop = await opened(folder, { growthBytes: 1 })
    await shop.upsert(Array.from({ length: 5000 }, (_, at) => item(at)))
    await shop.close()
    const { size } = await stat(log)
    for (const length of [size - 1, Math.floor(size / 2), 700_000]) {
      await truncate(log, length)
      await expect(opened(folder)).rejects.toMatchObject({ code: 'CATALOGUE_DAMAGED' })
    }
  })

  test('a link in place of the log is refused', async () => {
    const { folder, log } = await filled()
    await rename(log, join(folder, 'elsewhere'))
    await symlink(join(folder, 'elsewhere'), log)
    await expect(opened(folder)).rejects.toMatchObject({ code: 'PATH_ESCAPES' })
  })
})

test('attributes may come and go between starts, and none is of another type', async () => {
  const folder = await temporaryFolder()
  const shop = await opened(folder)
  await shop.upsert([item(1)])
  await shop.change([{ item: 'i1', attributes: { price: 5 } }])
  await shop.close()
  await expect(opened(folder, {}, { price: 'text' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(/'price' as number/) as string,
  })
  for (let start = 0; start < 2; start++) {
    const other = await opened(folder, {}, { price: 'number', sale: 'boolean' })
    expect(contentsOf(other)).toEqual([{ item: 'i1', attributes: { price: 5 } }])
    await other.close()
  }
})

/** A disk that is full while `isFull`: half of a write is still written. */
function fillingDisk() {
  const disk = { isFull: false, cannotCut: false }
  const full = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }))
  const openFile: CatalogueSeams['openFile'] = async (path, flags) => {
    if (disk.isFull && flags === 'w') return full()
    const file = await open(path, flags)
    const write = async (bytes: Uint8Array, from: number, length: number, at: number) => {
      if (disk.isFull) {
        await file.write(bytes, from, Math.floor(length / 2), at)
        return full()
      }
      return file.write(bytes, from, length, at)
    }
    return {
      write: write as never,
      sync: () => (disk.isFull ? full() : file.sync()),
      truncate: (length) => (disk.cannotCut ? full() : file.truncate(length)),
      close: () => file.close(),
    }
  }
  return { disk, openFile }
}

test.each([false, true])(
  'a full disk refuses a change, all of it, and later ones are taken (not even cut: %s)',
  async (cannotCut) => {
    const folder = await temporaryFolder()
    const { disk, openFile } = fillingDisk()
    const shop = await opened(folder, { openFile })
    await shop.upsert([item(1), item(2)])
    const before = contentsOf(shop)
    Object.assign(disk, { isFull: true, cannotCut })
    const refused = expect.objectContaining({ code: 'FILE_UNWRITABLE' }) as Error
    await expect(shop.upsert(Array.from({ length: 50 }, (_, at) => item(at)))).rejects.toEqual(refused)
    await expect(shop.change([{ item: 'i1', available: false }])).rejects.toEqual(refused)
    await expect(shop.remove(['i1'])).rejects.toEqual(refused)
    expect(contentsOf(shop)).toEqual(before)
    Object.assign(disk, { isFull: false, cannotCut: false })
    await shop.remove(['i1'])
    await shop.close()
    const again = await opened(folder)
    expect(contentsOf(again)).toEqual([item(2)])
    await again.close()
  },
)

test('a log that was written anew is called by its own name where it cannot be written', async () => {
  const folder = await temporaryFolder()
  const { disk, openFile } = fillingDisk()
  const shop = await opened(folder, { openFile })
  disk.isFull = true
  await expect(shop.upsert([item(1)])).rejects.toThrow(
    `${join(folder, 'catalogue.log')} cannot be written to`,
  )
  disk.isFull = false
  await shop.close()
})

test('where there is no room to write the log anew it goes on, and is written anew later', async () => {
  const folder = await temporaryFolder()
  const { disk, openFile } = fillingDisk()
  const room = { isFull: false }
  const shop = await opened(folder, {
    growthBytes: 1,
    openFile: (path, flags) => {
      if (flags === 'w') disk.isFull = room.isFull
      return openFile(path, flags).finally(() => (disk.isFull = false))
    },
  })
  room.isFull = true
  warn.mockClear()
  await changeAtRandom(shop, 3, 30)
  expect(warn).toHaveBeenCalledWith(expect.stringMatching(/could not be written anew/), expect.anything())
  const long = (await stat(join(folder, 'catalogue.log'))).size
  room.isFull = false
  await changeAtRandom(shop, 4, 200)
  const before = contentsOf(shop)
  await shop.close()
  expect((await stat(join(folder, 'catalogue.log'))).size).toBeLessThan(2 * long)
  const again = await opened(folder)
  expect(contentsOf(again)).toEqual(before)
  await again.close()
})
