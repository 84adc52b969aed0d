import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { EnsuiteError } from '../errors.ts'
import { readBytes } from './read-bytes.ts'

/** A plain file that is open. */
export interface PlainFile {
  readonly size: number
  /** `length` bytes from byte `from` on, in memory of their own. */
  readonly read: (from: number, length: number) => Promise<Uint8Array<ArrayBuffer>>
}

/** The errors for a file that is none to be read: each says why, to the readers of its folder. */
export interface FileRefusals {
  readonly missing: (cause: unknown) => EnsuiteError
  /** No plain file, cut off, or not readable: `cause` is what the system said. */
  readonly unreadable: (why: string, cause?: unknown) => EnsuiteError
  /** `what` it is in place of a file of the folder: a symbolic link, one of several hard links. */
  readonly link: (what: string) => EnsuiteError
}

/**
 * Opens a file for `use`, and closes it. It must be a plain file: no symbolic link, no second hard link (which could lead to a file
 * outside its folder), no pipe. Throws what `refusals` make, and what `use` throws.
 */
export async function withPlainFile<Value>(
  path: string,
  refusals: FileRefusals,
  use: (file: PlainFile) => Promise<Value>,
): Promise<Value> {
  const { missing, unreadable, link } = refusals
  try {
    const found = await lstat(path)
    if (found.isSymbolicLink()) throw link('a symbolic link')
    if (!found.isFile()) throw unreadable('it is no plain file')
    // What `lstat` saw may have been exchanged since: a link is not followed, a pipe not waited for. Windows has neither flag.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>
    const file = await open(path, (O_RDONLY ?? 0) | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stats = await file.stat()
      if (!stats.isFile()) throw unreadable('it is no plain file')
      if (stats.nlink > 1) throw link(`one of ${stats.nlink} hard links`)
      return await use({
        size: stats.size,
        read: (from, length) => readBytes(file, { from, length, unreadable }),
      })
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ELOOP') throw link('a symbolic link')
    throw code === 'ENOENT' ? missing(cause) : unreadable(message, cause)
  }
}
