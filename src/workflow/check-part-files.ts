import { EnsuiteError } from '../errors.ts'
import { shown } from '../expressions/index.ts'

/** Throws `OPTION_INVALID` unless this is a list of one path or more, `FILE_NOT_FOUND` if one is no file of the prepared folder. */
export function checkPartFiles(files: readonly string[], folder: string, own: ReadonlySet<string>): void {
  if (!Array.isArray(files) || files.length === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `files expects a list of one file or more, received ${Array.isArray(files) ? 'an empty one' : shown(files)}. Take them from the folder's parts: parts.map(({ file }) => file).`,
    )
  for (const file of files as readonly unknown[]) {
    if (typeof file !== 'string')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `files expects paths, received ${shown(file)} among them. Take them from the folder's parts: parts.map(({ file }) => file).`,
      )
    if (!own.has(file))
      throw new EnsuiteError('FILE_NOT_FOUND', `${file} is no file of ${folder}. Take one of its parts.`)
  }
}
