import { rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ensureFolder, unwritable } from '../ensure-folder.ts'
import { EnsuiteError } from '../errors.ts'
import { giveLifeSigns, isLive } from '../life-sign.ts'
import { processMark, processName, readProcessMark, type ProcessMark } from '../process-mark.ts'
import { linkTarget } from './link-target.ts'
import { checkReplaceable } from './prepared-folder.ts'

/**
 * Fills a folder beside `path` and puts it there once it is whole; where `path` is a symbolic link, at its target. It is called
 * `.name.<process>-<its start in seconds>-<its place>.<random>`: what a run that was killed left over is removed by the next one to the same place
 * (of another container or machine: once it has given no sign of life for twenty seconds), what one leaves whose process ends in the middle (`process.exit`) at once.
 *
 * Throws `OUTPUT_EXISTS` where something else is there, `FILE_UNWRITABLE` where it cannot be written or another run is writing it.
 */
export async function inWritingFolder<Result>(
  path: string,
  fill: (folder: string) => Promise<Result>,
): Promise<Result> {
  const out = await linkTarget(path)
  await checkReplaceable(out)
  await ensureFolder(dirname(out))
  const folder = join(dirname(out), `.${basename(out)}.${processMark()}`)
  await mkdir(folder).catch(refused(out))
  const atExit = (): void => {
    removeNow(folder)
  }
  process.once('exit', atExit)
  const sign = giveLifeSigns(folder)
  try {
    await clearWriters(out, folder)
    const result = await fill(folder)
    // From here on the folder is whole and may be in its place at any time: what a process that ends now leaves is for the next run.
    process.off('exit', atExit)
    await replace(folder, out).catch(refused(out))
    return result
  } finally {
    process.off('exit', atExit)
    sign.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The engine may go on for a moment, and put another file where the others have just been removed. */
const MOST_ATTEMPTS = 20

/** For a process that ends while the folder is filled, by Ctrl-C for one: nothing is awaited any more. */
function removeNow(folder: string): void {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++)
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch {
      // Again. What stays in the end is removed by the next run to the same place.
    }
}

/** Refuses where a live run writes to `out`, and removes what dead ones left. Made after the own folder: of two at once at most one goes on. */
async function clearWriters(out: string, own: string): Promise<void> {
  const writers = (await writersOf(out)).filter(({ folder }) => folder !== own)
  const lives = await Promise.all(writers.map((each) => isLive(each, each.folder)))
  const live = writers.find((_, at) => lives[at])
  if (live !== undefined)
    throw new EnsuiteError(
      'FILE_UNWRITABLE',
      `${out} is being written by another run (${processName(live)}). Wait until it has ended, or choose another folder. If that process is something else, remove ${live.folder}.`,
    )
  // A run that died between its two renames has only moved the folder aside.
  const aside = writers.find(({ old }) => old)
  if (aside !== undefined && (await stat(out).catch(() => undefined)) === undefined)
    await rename(aside.folder, out).catch(() => undefined)
  for (const { folder } of writers) await rm(folder, { recursive: true, force: true })
}

const OLD = '.old'

interface Writer extends ProcessMark {
  readonly folder: string
  /** Whether this is the folder that was there before. */
  readonly old: boolean
}

async function writersOf(out: string): Promise<readonly Writer[]> {
  const start = `.${basename(out)}.`
  const names = await readdir(dirname(out)).catch((): string[] => [])
  return names.flatMap((name) => {
    if (!name.startsWith(start)) return []
    const mark = name.slice(start.length)
    const old = mark.endsWith(OLD)
    const writer = readProcessMark(old ? mark.slice(0, -OLD.length) : mark)
    return writer === undefined ? [] : [{ folder: join(dirname(out), name), old, ...writer }]
  })
}

/** Puts a folder that is whole where another may be, which may have come there meanwhile. */
async function replace(folder: string, out: string): Promise<void> {
  await checkReplaceable(out)
  const old = `${folder}${OLD}`
  const moved = await rename(out, old).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    },
  )
  try {
    await rename(folder, out)
  } catch (error) {
    if (moved) await rename(old, out).catch(() => undefined)
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

const refused =
  (out: string) =>
  (cause: unknown): never => {
    if (cause instanceof EnsuiteError) throw cause
    throw unwritable(out, (cause as Error).message, cause)
  }
