import { EnsuiteError } from '../errors.ts'
import { digest, fields, invalid, isRecord, whole } from './json-checks.ts'

/** What a manifest says of each file beside it. */
export type FileTable<File extends string> = Readonly<
  Partial<Record<File, { readonly bytes: number; readonly sha256: string }>>
>

/** Larger files are not read. */
const FILE_LIMIT = 8 * 1024 * 1024 * 1024

const FILE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** Reads a table of files. `known`: the names that there are; `true`: one that must be there. Throws `PATH_ESCAPES` and `ARTIFACT_INVALID`. */
export function fileTable<File extends string>(
  where: string,
  value: unknown,
  known: Readonly<Record<File, boolean>>,
): FileTable<File> {
  if (!isRecord(value)) throw invalid(where, 'an object', value)
  const entries = Object.entries(value).map(([name, entry]) => {
    if (!FILE_NAME.test(name)) {
      throw new EnsuiteError(
        'PATH_ESCAPES',
        `${where} names ${JSON.stringify(name.slice(0, 100))}, which is not the plain name of a file in the folder. Do not use this artifact: restore it from where it was saved.`,
      )
    }
    if (!Object.hasOwn(known, name))
      throw invalid(`${where}['${name}']`, `one of ${Object.keys(known).join(', ')}`, name)
    const { bytes, sha256 } = fields(`${where}['${name}']`, entry, ['bytes', 'sha256'])
    return [
      name,
      {
        bytes: whole(`${where}['${name}'].bytes`, bytes, 0, FILE_LIMIT),
        sha256: digest(`${where}['${name}'].sha256`, sha256),
      },
    ] as const
  })
  const missing = Object.entries(known).find(
    ([name, needed]) => needed === true && !Object.hasOwn(value, name),
  )
  if (missing !== undefined) throw invalid(`${where}['${missing[0]}']`, 'a size and a digest', undefined)
  return Object.fromEntries(entries) as FileTable<File>
}
