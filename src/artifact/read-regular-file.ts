import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { altered } from './checked-files.ts'
import { withPlainFile } from './plain-file.ts'

/**
 * Reads a file of an artifact whole, of at most `limit` bytes. It must be a plain file, as `withPlainFile` says.
 * Throws `PATH_ESCAPES` for a link, else `ARTIFACT_INVALID`.
 */
export async function readRegularFile(
  folder: string,
  name: string,
  { limit }: { readonly limit: number },
): Promise<Uint8Array> {
  const path = join(folder, name)
  const refusals = {
    missing: (cause: unknown) => unreadable(folder, name, 'it is missing', cause),
    unreadable: (why: string, cause?: unknown) =>
      cause === undefined ? altered(name, why) : unreadable(folder, name, why, cause),
    link: (what: string) => link(path, what),
  }
  return withPlainFile(path, refusals, async ({ size, read }) => {
    if (size > limit) throw altered(name, `it should have at most ${limit} bytes and has ${size}`)
    return read(0, size)
  })
}

const unreadable = (folder: string, name: string, why: string, cause: unknown): EnsuiteError =>
  new EnsuiteError(
    'ARTIFACT_INVALID',
    `File '${name}' of the artifact ${folder} cannot be read: ${why}. Restore the folder from where it was saved, or train again.`,
    { cause },
  )

function link(path: string, what: string): EnsuiteError {
  return new EnsuiteError(
    'PATH_ESCAPES',
    `${path} is ${what}, so what is read could lie outside the artifact. Put a copy of the file in its place.`,
  )
}
