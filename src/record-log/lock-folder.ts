import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unwritable } from '../artifact/index.ts'
import type { EnsuiteError } from '../errors.ts'
import { giveLifeSigns, isLive, type LifeSeams } from '../life-sign.ts'
import { processMark, processName, readProcessMark } from '../process-mark.ts'

const WRITER = /^writer\.(.+)$/

export interface FolderLock {
  /** Rejects with `FILE_UNWRITABLE` where the lock was taken over: this process was stopped for so long that another one held it for ended. To be awaited before each write. */
  readonly check: () => Promise<void>
  readonly release: () => Promise<void>
}

export interface LockOptions {
  /** The error for a folder that is open elsewhere; `owner` names the process. */
  readonly inUse: (owner: string) => EnsuiteError
  readonly seams?: LifeSeams | undefined
}

/**
 * Says by a file that this process has a folder open. Throws what `inUse` makes where a live one has it, and removes what ended ones left. Of two at once at most one goes on, as each makes its own file before it looks
 * for others.
 *
 * Processes of this machine and PID namespace are looked for; those of other containers and machines touch their file every two seconds, and count as ended once they have not for twenty.
 */
export async function lockFolder(folder: string, { inUse, seams }: LockOptions): Promise<FolderLock> {
  const own = `writer.${processMark()}`
  const path = join(folder, own)
  const file = await open(path, 'wx').catch((cause: unknown) => {
    throw unwritable(folder, (cause as Error).message, cause)
  })
  await file.close()
  const sign = giveLifeSigns(path, seams)
  const release = async (): Promise<void> => {
    sign.stop()
    await rm(path, { force: true })
  }
  try {
    for (const name of await readdir(folder)) {
      const mark = readProcessMark(WRITER.exec(name)?.[1] ?? '')
      if (mark === undefined || name === own) continue
      const other = join(folder, name)
      if (await isLive(mark, other, seams)) throw inUse(processName(mark))
      await rm(other, { force: true })
    }
  } catch (error) {
    await release()
    throw error
  }
  const check = (): Promise<void> =>
    sign.now().catch((cause: unknown) => {
      const isGone = ['ENOENT', 'ESTALE'].includes((cause as NodeJS.ErrnoException).code ?? '')
      const why = isGone
        ? `this process stood still for so long that another one may have opened it (${path} is gone). Restart this one`
        : (cause as Error).message
      throw unwritable(folder, why, cause)
    })
  return { check, release }
}
