import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { EnsuiteError } from './errors.ts'

/**
 * Makes a folder and those above it. Throws `FILE_UNWRITABLE` where that cannot be.
 * One level at a time: Node's own recursive `mkdir` never ends on some file systems that refuse it.
 */
export async function ensureFolder(folder: string): Promise<void> {
  const path = resolve(folder)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return
  if (found !== undefined) throw unwritable(path, 'a file is in its place')
  if (dirname(path) !== path) await ensureFolder(dirname(path))
  try {
    await mkdir(path)
  } catch (cause) {
    // Another process may have been quicker.
    if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return
    throw unwritable(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** The error for a place that cannot be written to. */
export function unwritable(path: string, why: string, cause?: unknown): EnsuiteError {
  return new EnsuiteError(
    'FILE_UNWRITABLE',
    `${path} cannot be written to: ${why}. What was there before is unchanged. Free space or choose another folder.`,
    { cause },
  )
}
