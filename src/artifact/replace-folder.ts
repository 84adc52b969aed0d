import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ensureFolder } from '../ensure-folder.ts'
import { isAlive } from '../is-alive.ts'
import { flushFolder } from './write-whole.ts'

export interface ReplaceOptions {
  /** Fills the new folder; each file must be flushed. */
  readonly write: (folder: string) => Promise<void>
  /** Throws where something is at the path that must not be replaced. Called again before each exchange. */
  readonly check: () => Promise<void>
  /** For tests: awaited after each step, so that a run can be stopped there for good. */
  readonly onStep?: (step: 'written' | 'moved-aside' | 'placed') => void | Promise<void>
}

/** So often another run may be faster, or a reader put the old folder back. */
const MOST_ATTEMPTS = 20
/** A sibling younger than this may belong to a run that is alive. */
const OLD_ENOUGH_MS = 3_600_000

/**
 * Puts a new folder at `path`, so that whoever looks finds the old one or the new one, whole.
 *
 * The new folder is written beside it, as `.name.<process>.<random>.partial`, and flushed. The old one is renamed to
 * `.name.<process>.<random>.old`, the new one takes its place, the old one is removed. A run that dies between the two renames leaves
 * only the `.old` one: `recoverFolder` puts it back. What dead runs have left over is removed by the next run that comes through.
 */
export async function replaceFolder(path: string, { write, check, onStep }: ReplaceOptions): Promise<void> {
  const parent = dirname(path)
  await ensureFolder(parent)
  await recoverFolder(path)
  await check()
  const beside = (kind: 'partial' | 'old'): string =>
    join(parent, `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.${kind}`)
  const partial = beside('partial')
  const aside: string[] = []
  let writtenMs: number
  try {
    await mkdir(partial)
    await write(partial)
    await flushFolder(partial)
    writtenMs = (await stat(partial)).mtimeMs
    await onStep?.('written')
    for (let attempt = 1; ; attempt++) {
      await check()
      const old = beside('old')
      const moved = await renamed(path, old)
      if (moved) aside.push(old)
      try {
        await onStep?.('moved-aside')
        await rename(partial, path)
        break
      } catch (error) {
        // Another run was faster: its folder is whole, and is moved aside in its turn.
        if (attempt < MOST_ATTEMPTS && isOccupied(error)) continue
        if (moved) await rename(old, path).catch(() => undefined)
        throw error
      }
    }
    await flushFolder(parent)
    await onStep?.('placed')
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  // The new folder is in place: what cannot be removed now is left to the next run.
  for (const old of aside) await remove(old)
  await removeLeftovers(path, writtenMs)
}

/** Puts back the newest folder that a dead run had moved aside, where nothing is at `path`. Whether it did. */
export async function recoverFolder(path: string): Promise<boolean> {
  if (await exists(path)) return false
  const old = (await siblings(path)).filter(({ kind }) => kind === 'old')
  const [newest] = old.toSorted((left, right) => right.changedMs - left.changedMs)
  if (newest === undefined) return false
  // Another run may be about to put its new folder there: then that one stands.
  return rename(newest.path, path).then(
    () => true,
    () => false,
  )
}

interface Sibling {
  readonly path: string
  readonly kind: 'partial' | 'old'
  readonly process: number
  readonly changedMs: number
}

async function siblings(path: string): Promise<readonly Sibling[]> {
  const parent = dirname(path)
  const start = `.${basename(path)}.`
  const names = await readdir(parent).catch(() => [])
  const found = names.map(async (name): Promise<Sibling | undefined> => {
    const match = name.startsWith(start)
      ? /^(\d{1,10})\.[0-9a-f]{12}\.(partial|old)$/.exec(name.slice(start.length))
      : null
    if (match === null) return undefined
    const stats = await lstat(join(parent, name)).catch(() => undefined)
    if (stats?.isDirectory() !== true) return undefined
    return {
      path: join(parent, name),
      kind: match[2] as Sibling['kind'],
      process: Number(match[1]),
      changedMs: stats.mtimeMs,
    }
  })
  return (await Promise.all(found)).filter((each) => each !== undefined)
}

/** Removes what runs that no longer live have left beside the folder that is in place. The clock is the file system's own. */
async function removeLeftovers(path: string, nowMs: number): Promise<void> {
  for (const { path: left, process: id, changedMs } of await siblings(path)) {
    if (!isAlive(id) || nowMs - changedMs > OLD_ENOUGH_MS) await remove(left)
  }
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  )
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

const isOccupied = (error: unknown): boolean =>
  ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')
