import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureFolder } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { readAboutFile, writeAboutFile } from './about-file.ts'
import { checkedSchema, checkVersion, isVersion } from './checks.ts'
import { namedOrCurrent, readCurrent, writeCurrent } from './current-version.ts'
import { lockFolder, type FolderLock, type LogEnd } from '../record-log/index.ts'
import { inUse } from './log-refusals.ts'
import type { Nearest } from './nearest.ts'
import { tableStore, type TableLog } from './table-store.ts'
import { createLog, openLog, type OpenLog } from './vector-log.ts'
import type { VectorDatabase, VectorStore } from './vector-store.ts'

/** What finds rows in the table of a version; `folder` is where it may keep files, `known` where those say that the log was. */
export interface Finder {
  readonly known: (folder: string) => Promise<readonly LogEnd[]>
  readonly make: (folder: string, opened: OpenLog, isKnown: boolean) => Promise<Nearest>
}

const LOG = 'vectors.log'
const MANIFEST = 'manifest.json'

/** Versions in a folder, a log of its rows each, which are in memory while it is open. One process has a version open at a time. */
export function folderDatabase(folder: string, { known, make }: Finder): VectorDatabase {
  const at = (version: string): string => join(folder, version)
  const opened = new Map<string, { readonly store: VectorStore; readonly end: () => LogEnd }>()

  /** With the folder locked until the store is closed, or `body` fails. */
  const withLock = async (
    version: string,
    body: () => Promise<OpenLog>,
    isKnown: (log: OpenLog) => boolean,
  ): Promise<VectorStore> => {
    const lock = await lockFolder(at(version), { inUse: inUse(at(version)) })
    let log: OpenLog | undefined
    try {
      log = await body()
      const store = tableStore(
        log.table,
        await make(at(version), log, isKnown(log)),
        checkedLog(log.log, lock),
      )
      const close = async (): Promise<void> => {
        try {
          await store.close()
        } finally {
          opened.delete(version)
          await lock.release()
        }
      }
      const locked = Object.freeze({ ...store, close })
      opened.set(version, { store: locked, end: log.end })
      return locked
    } catch (error) {
      // What it failed for is told, whatever closing says.
      await log?.log.close().catch(() => undefined)
      await lock.release()
      throw error
    }
  }
  const checkThere = async (version: string, file = LOG): Promise<void> => {
    checkVersion(version)
    if ((await stat(join(at(version), file)).catch(() => undefined)) === undefined)
      throw new EnsuiteError('STORE_MISSING', `There is no version '${version}' in ${folder}.`)
  }
  const openVersion = async (version: string): Promise<VectorStore> => {
    await checkThere(version)
    // What is named is opened also where nothing says any more which one is in use.
    const current = await readCurrent(folder).catch(() => undefined)
    const published = current?.version === version ? [current.end ?? []].flat() : []
    const own = await known(at(version))
    return withLock(
      version,
      () =>
        openLog(join(at(version), LOG), {
          known: [...published, ...own],
          check: ([passedPublished]) => {
            if (published.length > 0 && passedPublished !== true)
              throw new EnsuiteError(
                'STORE_DAMAGED',
                `The vectors of '${version}' in ${folder} are not those that were taken into use. Use an earlier version, or fill a new one.`,
              )
          },
        }),
      (log) => log.passed.at(-1) === true && own.length > 0,
    )
  }
  return Object.freeze<VectorDatabase>({
    create: async (version, schema) => {
      checkVersion(version)
      const full = checkedSchema(schema)
      await ensureFolder(folder)
      await mkdir(at(version)).catch((cause: unknown) => {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
        throw new EnsuiteError(
          'STORE_EXISTS',
          `There is a version '${version}' in ${folder}. Remove it first, or choose another name.`,
        )
      })
      try {
        return await withLock(
          version,
          () => createLog(join(at(version), LOG), full),
          () => false,
        )
      } catch (error) {
        // The name is free again.
        await rm(at(version), { recursive: true, force: true })
        throw error
      }
    },
    open: async (version) => openVersion(await namedOrCurrent(folder, version)),
    current: async () => (await readCurrent(folder))?.version,
    use: async (version) => {
      await checkThere(version)
      const known = opened.get(version)?.end()
      const end = known ?? (await readEnd(openVersion, opened, version))
      await writeCurrent(folder, { version, end })
    },
    versions: async () => {
      const names = await readdir(folder, { withFileTypes: true }).catch(() => [])
      return names
        .filter((each) => each.isDirectory() && isVersion(each.name))
        .map(({ name }) => name)
        .sort()
    },
    describe: async (version, about) => {
      await checkThere(version)
      await writeAboutFile(join(at(version), MANIFEST), version, about)
    },
    about: async (version) => {
      await checkThere(version)
      return readAboutFile(join(at(version), MANIFEST), version)
    },
    remove: async (version) => {
      // One that was begun, and has no log, has its name, too.
      await checkThere(version, '')
      if ((await readCurrent(folder))?.version === version)
        throw new EnsuiteError(
          'STORE_IN_USE',
          `Version '${version}' in ${folder} is in use. Take another one into use first.`,
        )
      const lock = await lockFolder(at(version), { inUse: inUse(at(version)) })
      // Gone at once, whatever happens while its files are removed.
      const aside = join(folder, `.${version}.removed`)
      await rm(aside, { recursive: true, force: true }).finally(lock.release)
      await rename(at(version), aside)
      await rm(aside, { recursive: true, force: true })
    },
    close: async () => {
      const outcomes = await Promise.allSettled([...opened.values()].map(({ store }) => store.close()))
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    },
  })
}

/** A log that is written while the folder is still this process's own. */
const checkedLog = (log: TableLog, { check }: FolderLock): TableLog => ({
  ...log,
  upsert: async (rows) => {
    await check()
    await log.upsert(rows)
  },
  delete: async (ids) => {
    await check()
    await log.delete(ids)
  },
})

async function readEnd(
  openVersion: (version: string) => Promise<VectorStore>,
  opened: ReadonlyMap<string, { readonly end: () => LogEnd }>,
  version: string,
): Promise<LogEnd> {
  const store = await openVersion(version)
  const end = opened.get(version)!.end()
  await store.close()
  return end
}
