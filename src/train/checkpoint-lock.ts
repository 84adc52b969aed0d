import { rmdirSync, unlinkSync } from 'node:fs'
import { readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ensureFolder, unwritable } from '../ensure-folder.ts'
import { EnsuiteError } from '../errors.ts'
import { giveLifeSigns, isLive, type LifeSign } from '../life-sign.ts'
import { processMark, processName, readProcessMark, type ProcessMark } from '../process-mark.ts'

export interface CheckpointLockOptions {
  /** What the message says to choose instead. */
  readonly instead?: string
}

/**
 * Runs `body` while no other run, of this process or another one, may use the checkpoint folder. The lock is a file in it, called
 * `run.<process>-<its start in seconds>-<its place>.<random>.lock`: that of a run that was killed is removed by the next one; where it was of another container or machine, once it has given no sign of life
 * for twenty seconds.
 *
 * What killed runs left of checkpoints half-written is removed.
 *
 * Each run makes its own file first and looks for others afterwards, so that of two at once at most one goes on. One file for all would have
 * to be taken over from a dead owner, and what two see as dead one of them may have taken over meanwhile.
 *
 * Throws `CHECKPOINT_EXISTS` where another run goes on there, `FILE_UNWRITABLE` where the folder cannot be written.
 */
export async function withCheckpointLock<Result>(
  folder: string,
  body: () => Promise<Result>,
  { instead = 'another folder' }: CheckpointLockOptions = {},
): Promise<Result> {
  const missing = await missingFolders(folder)
  const own = `${START}${processMark()}${END}`
  const atExit = (): void => {
    unlockNow(folder, own)
  }
  process.once('exit', atExit)
  let sign: LifeSign | undefined
  try {
    await create(folder, own)
    sign = giveLifeSigns(join(folder, own))
    await clearOthers(folder, own, instead)
    await clearHalfWritten(folder)
    return await body()
  } finally {
    process.off('exit', atExit)
    sign?.stop()
    await rm(join(folder, own), { force: true }).catch(() => undefined)
    // What holds nothing is of no use: a run that failed early leaves no folder that was not there, and one that is done none at all.
    for (const each of new Set([resolve(folder), ...missing])) await rmdir(each).catch(() => undefined)
  }
}

/** What a run that was killed had written of a checkpoint, as large as one. */
export const isHalfWritten = (name: string): boolean => /\.safetensors\.[0-9a-f]+\.partial$/.test(name)

/** For who has the lock: nobody else is writing there. */
async function clearHalfWritten(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (isHalfWritten(name)) await rm(join(folder, name), { force: true }).catch(() => undefined)
}

const START = 'run.'
const END = '.lock'

/** The folder and those above it that are not there yet, the innermost first. */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const missing: string[] = []
  for (let place = resolve(folder); dirname(place) !== place; place = dirname(place)) {
    if ((await stat(place).catch(() => undefined)) !== undefined) break
    missing.push(place)
  }
  return missing
}

/** A run that ends may remove the folder between making it and the file in it. */
const MOST_ATTEMPTS = 20

async function create(folder: string, own: string): Promise<void> {
  const text = `Process ${process.pid} trains here. Remove this file if that process is something else.\n`
  for (let attempt = 1; ; attempt++) {
    await ensureFolder(folder)
    try {
      await writeFile(join(folder, own), text, { flag: 'wx' })
      return
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && attempt < MOST_ATTEMPTS) continue
      throw unwritable(folder, (cause as Error).message, cause)
    }
  }
}

interface Other extends ProcessMark {
  readonly name: string
}

/** How often, and after which time each, a run looks again for one that began at the same instant. */
const LOOKS = 5
const LOOK_MS = 100

/** Refuses where another run goes on, and removes the locks of dead ones. */
async function clearOthers(folder: string, own: string, instead: string): Promise<void> {
  for (let look = 0; ; look++) {
    const others = await othersIn(folder, own)
    const live = await liveOf(folder, others)
    if (live.length === 0) {
      for (const { name } of others) await rm(join(folder, name), { force: true })
      return
    }
    // Two that began at the same instant see each other: the second by name gives way, and the first waits for that.
    const before = live.find(({ name }) => name < own) ?? (look === LOOKS ? live[0] : undefined)
    if (before !== undefined)
      throw new EnsuiteError(
        'CHECKPOINT_EXISTS',
        `${folder} belongs to a run that goes on: wait for the other run (${processName(before)}), or choose ${instead}. If that process is something else, remove ${join(folder, before.name)}.`,
      )
    await wait(LOOK_MS)
  }
}

async function liveOf(folder: string, others: readonly Other[]): Promise<readonly Other[]> {
  const lives = await Promise.all(others.map((each) => isLive(each, join(folder, each.name))))
  return others.filter((_, at) => lives[at])
}

async function othersIn(folder: string, own: string): Promise<readonly Other[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw unwritable(folder, (cause as Error).message, cause)
  })
  return names.flatMap((name) => {
    if (name === own || !name.startsWith(START) || !name.endsWith(END)) return []
    const mark = readProcessMark(name.slice(START.length, -END.length))
    return mark === undefined ? [] : [{ name, ...mark }]
  })
}

/** For a process that ends inside `body`, by Ctrl-C for one: nothing that takes time is done any more. */
function unlockNow(folder: string, own: string): void {
  try {
    unlinkSync(join(folder, own))
    rmdirSync(folder) // unless a checkpoint is in it
  } catch {
    // The next run finds that this process is dead.
  }
}
