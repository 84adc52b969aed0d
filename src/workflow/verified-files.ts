import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { fileDigest } from './file-digest.ts'
import type { PreparedFile } from './prepared-files.ts'

/** The files of a prepared folder, held against what its manifest says of them. */
export interface VerifiedFiles {
  /** Throws unless every file is there in its size. Reads none. */
  present(): Promise<void>
  /** Throws unless these are the files that were written. One is read whole the first time, and again where it changed since. */
  verify(files: readonly PreparedFile[]): Promise<void>
}

/** Errors: `FILE_NOT_FOUND` for a folder that is gone, `ARTIFACT_INVALID` for a file that is missing or another one, `FILE_UNREADABLE`. */
export function verifiedFiles(folder: string, files: readonly PreparedFile[]): VerifiedFiles {
  const seen = new Map<string, string>()
  const stated = async (file: PreparedFile): Promise<string> => {
    const stats = await stat(join(folder, file.path)).catch(async (cause: unknown): Promise<never> => {
      throw await notThere(folder, file.path, cause)
    })
    if (!stats.isFile()) throw altered(folder, file.path, 'it is no plain file')
    if (stats.size !== file.bytes)
      throw altered(folder, file.path, `it has ${stats.size} bytes and was written with ${file.bytes}`)
    return identity(stats)
  }
  return {
    present: async () => {
      await Promise.all(files.map(stated))
    },
    verify: async (wanted) => {
      for (const file of wanted) {
        // Taken before the file is read: what is written meanwhile is noticed the next time.
        const now = await stated(file)
        if (seen.get(file.path) === now) continue
        const { sha256 } = await fileDigest(join(folder, file.path)).catch(
          async (cause: unknown): Promise<never> => {
            throw await notThere(folder, file.path, cause)
          },
        )
        if (sha256 !== file.sha256)
          throw altered(folder, file.path, 'its content is not the one that was written (SHA-256)')
        seen.set(file.path, now)
      }
    },
  }
}

/** What differs once a file was written to or exchanged. */
const identity = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => [size, mtimeMs, ctimeMs, ino].join()

/** The error for a file that is another one. */
export function altered(folder: string, path: string, why: string, cause?: unknown): EnsuiteError {
  return new EnsuiteError(
    'ARTIFACT_INVALID',
    `${join(folder, path)} is not what prepare wrote: ${why}. Copy the folder again from where it was prepared, or prepare it again.`,
    { cause },
  )
}

/** The error for a file that cannot be read. */
export async function notThere(folder: string, path: string, cause: unknown): Promise<EnsuiteError> {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code !== 'ENOENT' && code !== 'ENOTDIR')
    return new EnsuiteError(
      'FILE_UNREADABLE',
      `${join(folder, path)} cannot be read: ${message}. Check its permissions and the disk.`,
      { cause },
    )
  if ((await stat(folder).catch(() => undefined)) !== undefined)
    return altered(folder, path, 'it is missing', cause)
  return new EnsuiteError(
    'FILE_NOT_FOUND',
    `${folder} is no longer there. Put it back, or prepare it again; a training run goes on from its checkpoint with resume.`,
    { cause },
  )
}
