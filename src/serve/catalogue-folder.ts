import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ensureFolder, flushFolder, unwritable } from '../artifact/index.ts'
import type { CatalogueItem, ItemAttributeType } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { LifeSeams } from '../life-sign.ts'
import { encodePayload, firstEnd, lockFolder, readRecords, recordWriter } from '../record-log/index.ts'
import type { ReadEnd, RecordFile, RecordWriter } from '../record-log/index.ts'
import { catalogueReader, FORMAT } from './catalogue-reader.ts'
import type { ShopItem } from './shop.ts'

/** What happens to a catalogue. */
export type CatalogueChange =
  | { readonly upsert: readonly ShopItem[] }
  | { readonly change: readonly CatalogueItem[] }
  | { readonly remove: readonly string[] }

/** What keeps a catalogue beyond this process: a log of what happened to it, which starts with all that there was when it was last written anew. */
export interface CatalogueFolder {
  /** On disk when it resolves. Rejects with `FILE_UNWRITABLE`: then nothing of it is there. */
  append(change: CatalogueChange): Promise<void>
  /** Whether most of the log is of the past. */
  readonly isLong: () => boolean
  /** Writes a log anew of all that there is, and puts it in the place of the old one. Rejects with `FILE_UNWRITABLE`: then the old one goes on. */
  rewrite(): Promise<void>
  close(): Promise<void>
}

export type Attributes = Readonly<Record<string, ItemAttributeType>>

export interface CatalogueFolderOptions {
  readonly attributes: Attributes
  /** Does what the log tells of, from its start. */
  readonly apply: (change: CatalogueChange) => void
  /** All that there is; nothing changes meanwhile. */
  readonly contents: () => Iterable<ShopItem>
  readonly warn: (message: string, fields: object) => void
  readonly seams?: CatalogueSeams
}

/** What tests exchange. */
export interface CatalogueSeams {
  readonly openFile?: (path: string, flags: 'w' | 'r+') => Promise<RecordFile>
  /** A log is written anew once it has grown by this, and to twice what it was. Default 1 MiB. */
  readonly growthBytes?: number
  readonly life?: LifeSeams
  /** How often what is popular is written beside it. Default five minutes. */
  readonly savePopularityMs?: number
}

const LOG = 'catalogue.log'

/**
 * Opens the catalogue of a folder, or starts one.
 *
 * Throws `CATALOGUE_IN_USE` where another process has it open, `CATALOGUE_DAMAGED` and `PATH_ESCAPES` where it is not what was written, `OPTION_INVALID` where an attribute is of another type there,
 * `FILE_UNWRITABLE`.
 */
export async function openCatalogueFolder(
  folder: string,
  options: CatalogueFolderOptions,
): Promise<CatalogueFolder> {
  await ensureFolder(folder)
  const lock = await lockFolder(folder, {
    inUse: (owner) =>
      new EnsuiteError(
        'CATALOGUE_IN_USE',
        `The catalogue in ${folder} is open in ${owner}. End it there first, or give each server a folder of its own.`,
      ),
    seams: options.seams?.life,
  })
  try {
    const log = await openLog(join(folder, LOG), options)
    return {
      ...log,
      append: async (change) => {
        await lock.check()
        await log.append(change)
      },
      rewrite: async () => {
        await lock.check()
        await log.rewrite()
      },
      close: async () => {
        await log.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openLog(path: string, options: CatalogueFolderOptions): Promise<CatalogueFolder> {
  const { contents, attributes, warn, seams = {} } = options
  const { openFile = open, growthBytes = 1024 * 1024 } = seams
  const opened = (name: string, flags: 'w' | 'r+'): Promise<RecordFile> =>
    openFile(name, flags).catch((cause: unknown) => {
      throw unwritable(path, (cause as Error).message, cause)
    })
  let writer: RecordWriter | undefined
  /** How long the log was when it was last written anew. */
  let base = 0

  const rewrite = async (): Promise<void> => {
    const beside = `${path}.new`
    const fresh = recordWriter(path, await opened(beside, 'w'), firstEnd)
    try {
      // All of it is one call, so that a part of it is none.
      let next: object = { format: FORMAT, attributes }
      for (const upsert of blocksOf(contents())) {
        await fresh.append([encodePayload({ ...next, goesOn: true })])
        next = { upsert }
      }
      await fresh.append([encodePayload(next)])
      await rename(beside, path).catch((cause: unknown) => {
        throw unwritable(path, (cause as Error).message, cause)
      })
    } catch (error) {
      await fresh.close()
      await rm(beside, { force: true }).catch(() => undefined)
      // It is tried again when the log has grown once more.
      base = writer?.end().at ?? 0
      throw error
    }
    await flushFolder(dirname(path))
    await writer?.close()
    writer = fresh
    base = fresh.end().at
  }

  const found = await stat(path).catch(() => undefined)
  if (found === undefined) await rewrite()
  else {
    const reader = catalogueReader(path, options)
    const end: ReadEnd = await readRecords(path, reader)
    const { isAnother, firstCall } = reader.read()
    const file = await opened(path, 'r+')
    if (end.begun > 0) {
      warn('the catalogue ended in a change that was never whole, and was not answered: left out', {
        bytes: end.begun,
      })
      await file.truncate(end.at)
    }
    writer = recordWriter(path, file, end)
    base = firstCall
    if (isAnother) await rewrite()
  }
  return {
    append: (change) => writer!.append([encodePayload(change)]),
    isLong: () => writer!.end().at > Math.max(2 * base, base + growthBytes),
    rewrite,
    close: () => writer!.close(),
  }
}

/** Letters of a record where all is written: what one turn of the event loop may take. */
const BLOCK = 500_000

function* blocksOf(items: Iterable<ShopItem>): Generator<readonly ShopItem[]> {
  let block: ShopItem[] = []
  let length = 0
  for (const item of items) {
    block.push(item)
    length += JSON.stringify(item).length
    if (length < BLOCK) continue
    yield block
    block = []
    length = 0
  }
  if (block.length > 0) yield block
}
