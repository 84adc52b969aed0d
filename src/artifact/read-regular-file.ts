import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { altered } from './artifact.ts'

/** A read takes at most 2³¹ − 1 bytes. */
const CHUNK = 256 * 1024 * 1024

/**
 * Reads a file of a folder whole, of at most `limit` bytes. It must be a plain file: no symbolic link, no second hard link (which
 * could lead to a file outside the folder), no pipe. Throws `PATH_ESCAPES` for a link, else `ARTIFACT_INVALID`.
 */
export async function readRegularFile(
  folder: string,
  name: string,
  { limit }: { readonly limit: number },
): Promise<Uint8Array> {
  const path = join(folder, name)
  try {
    const found = await lstat(path)
    if (found.isSymbolicLink()) throw link(path, 'a symbolic link')
    if (!found.isFile()) throw altered(name, 'it is no plain file')
    // What `lstat` saw may have been exchanged since: a link is not followed, a pipe not waited for. Windows has neither flag.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>
    const file = await open(path, (O_RDONLY ?? 0) | O_NOFOLLOW | O_NONBLOCK)
    try {
      const { size, nlink, ...stats } = await file
        .stat()
        .then((each) => ({ size: each.size, nlink: each.nlink, plain: each.isFile() }))
      if (!stats.plain) throw altered(name, 'it is no plain file')
      if (nlink > 1) throw link(path, `one of ${nlink} hard links`)
      if (size > limit) throw altered(name, `it should have at most ${limit} bytes and has ${size}`)
      const bytes = allocate(name, size)
      let at = 0
      while (at < size) {
        const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, size - at), at)
        if (bytesRead === 0) throw altered(name, `it ended at byte ${at} of ${size} while it was read`)
        at += bytesRead
      }
      return bytes
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ELOOP') throw link(path, 'a symbolic link')
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `File '${basename(path)}' of the artifact ${folder} cannot be read: ${code === 'ENOENT' ? 'it is missing' : message}. Restore the folder from where it was saved, or train again.`,
      { cause },
    )
  }
}

function allocate(name: string, size: number): Uint8Array {
  try {
    return new Uint8Array(size)
  } catch {
    throw altered(name, `its ${size} bytes do not fit into the memory of this machine`)
  }
}

function link(path: string, what: string): EnsuiteError {
  return new EnsuiteError(
    'PATH_ESCAPES',
    `${path} is ${what}, so what is read could lie outside the artifact. Put a copy of the file in its place.`,
  )
}
