import { access, lstat, readdir, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { unwritable } from '../ensure-folder.ts'
import { replaceFolder } from '../artifact/replace-folder.ts'

export interface NewFolderOptions<Result> {
  readonly fill: (folder: string) => Promise<Result>
  /** Throws where something is at the path that must not be replaced. */
  readonly check: () => Promise<void>
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Whether something is at a place that a folder is to take; an empty folder, as others make for what is to come, is nothing. */
export async function isTaken(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  return found !== undefined && !(found.isDirectory() && (await readdir(path)).length === 0)
}

/** Fills a folder beside `out` and puts it there. Where that fails, the folders above that were made for it are removed again. */
export async function inNewFolder<Result>(
  out: string,
  { fill, check }: NewFolderOptions<Result>,
): Promise<Result> {
  const made: string[] = []
  for (let place = dirname(out); !(await exists(place)); place = dirname(place)) made.push(place)
  let result: { readonly value: Result } | undefined
  try {
    await replaceFolder(out, {
      write: async (folder) => {
        result = { value: await fill(folder) }
      },
      check,
    })
    return result!.value
  } catch (error) {
    for (const place of made) await rmdir(place).catch(() => undefined)
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'EPERM'].includes(code))
      throw unwritable(out, error instanceof Error ? error.message : code, error)
    throw error
  }
}
