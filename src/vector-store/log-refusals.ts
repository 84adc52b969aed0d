import type { FileRefusals } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'

export const damaged =
  (where: string) =>
  (why: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError(
      'STORE_DAMAGED',
      `The vectors at ${where} cannot be read: ${why}. Use an earlier version, or fill a new one.`,
      { cause },
    )

export const refusals = (path: string): FileRefusals => ({
  missing: (cause) => new EnsuiteError('STORE_MISSING', `There are no vectors at ${path}.`, { cause }),
  unreadable: damaged(path),
  link: (what) =>
    new EnsuiteError(
      'PATH_ESCAPES',
      `${path} is ${what}, so what is read could lie outside the folder. Put a copy of the file in its place.`,
    ),
})

export const inUse =
  (folder: string) =>
  (owner: string): EnsuiteError =>
    new EnsuiteError('STORE_IN_USE', `${folder} is open in ${owner}. Close it there first.`)
