import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unwritable } from '../artifact/index.ts'
import type { EnsuiteError } from '../errors.ts'
import { processMark, readProcessMark } from '../process-mark.ts'

const WRITER = /^writer\.(.+)$/

/**
 * Says that this process has a folder open: the path of the file that says so, to be removed afterwards. Throws what `inUse` makes, of the number of a process, where a live one has it, and removes what
 * dead ones left.
 */
export async function lockFolder(folder: string, inUse: (process: number) => EnsuiteError): Promise<string> {
  const own = `writer.${processMark()}`
  const path = join(folder, own)
  const file = await open(path, 'wx').catch((cause: unknown) => {
    throw unwritable(folder, (cause as Error).message, cause)
  })
  await file.close()
  for (const name of await readdir(folder)) {
    const mark = readProcessMark(WRITER.exec(name)?.[1] ?? '')
    if (mark === undefined || name === own) continue
    if (!mark.lives) await rm(join(folder, name), { force: true })
    else {
      await rm(path, { force: true })
      throw inUse(mark.process)
    }
  }
  return path
}
