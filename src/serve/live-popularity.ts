import { readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { flushFolder, isRecord, writeFlushed } from '../artifact/index.ts'
import { recentPopularity, type RecentPopularity } from '../catalogue/index.ts'
import { checkNumber, checkOptions } from '../options.ts'
import type { ServerLog } from './log.ts'

export interface PopularitySettings {
  /** An event counts half as much after so many minutes. Default 1440, a day. */
  readonly halfLifeMinutes?: number
}

export interface LivePopularityOptions {
  readonly settings: PopularitySettings | undefined
  /** Where it is kept beyond this process. It is in memory alone where undefined. */
  readonly folder: string | undefined
  /** Whether an item is one that could be recommended: others are not counted, so that nobody fills it with ids. */
  readonly isKnown: (item: string) => boolean
  readonly time: () => number
  readonly log: Pick<ServerLog, 'warn'>
  /** For tests. Default five minutes. */
  readonly saveMs?: number | undefined
}

/** What is popular of late, of the items that there are. */
export interface LivePopularity extends RecentPopularity {
  /** Writes what was not written yet. */
  close(): Promise<void>
}

const FILE = 'popularity.json'
const FORMAT = 'ensuite popularity 1'
const SAVE_MS = 300_000

/** Throws `OPTION_INVALID` and `OPTION_UNKNOWN`. What cannot be read or written is logged: popularity is worth no refusal. */
export async function openPopularity({
  settings = {},
  folder,
  isKnown,
  time,
  log,
  saveMs = SAVE_MS,
}: LivePopularityOptions): Promise<LivePopularity> {
  checkOptions('serve: popularity', settings, ['halfLifeMinutes'])
  const { halfLifeMinutes = 1440 } = settings
  checkNumber('serve: popularity.halfLifeMinutes', halfLifeMinutes, { above: 0, max: 5_256_000 })
  const counted = recentPopularity({ halfLifeMs: halfLifeMinutes * 60_000, now: time })
  const path = folder === undefined ? undefined : join(folder, FILE)
  let isSaved = true
  const save = async (): Promise<void> => {
    if (isSaved || path === undefined) return
    isSaved = true
    try {
      await replace(path, JSON.stringify({ format: FORMAT, items: counted.snapshot() }))
    } catch (error) {
      isSaved = false
      log.warn('what is popular could not be written, and is kept in memory', { err: error })
    }
  }
  if (path !== undefined)
    try {
      for (const { item, at } of await readCounts(path)) counted.add(item, at)
    } catch (error) {
      log.warn('what was popular cannot be read, and is counted anew', { err: error })
    }
  let saving = Promise.resolve()
  const timer =
    path === undefined
      ? undefined
      : setInterval(() => {
          saving = saving.then(save)
        }, saveMs).unref()
  return {
    ...counted,
    get size() {
      return counted.size
    },
    add: (item, at) => {
      if (!isKnown(item)) return
      counted.add(item, at)
      isSaved = false
    },
    close: async () => {
      clearInterval(timer)
      await saving
      await save()
    },
  }
}

/** Written beside its place and renamed: there is the old one or the new one, whole. */
async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.new`
  await rm(beside, { force: true })
  await writeFlushed(beside, text)
  await rename(beside, path)
  await flushFolder(dirname(path))
}

async function readCounts(path: string): Promise<ReturnType<RecentPopularity['snapshot']>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return []
  const json: unknown = JSON.parse(text)
  const isCount = (each: unknown): boolean =>
    isRecord(each) && typeof each['item'] === 'string' && Number.isFinite(each['at'])
  if (
    !isRecord(json) ||
    json['format'] !== FORMAT ||
    !Array.isArray(json['items']) ||
    !json['items'].every(isCount)
  )
    throw new Error(`it does not hold '${FORMAT}'`)
  return json['items'] as ReturnType<RecentPopularity['snapshot']>
}
