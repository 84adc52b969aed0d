import { withPlainFile } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'

/** The bytes of a file in the folder of a search; undefined where it is not there. Throws `CHECKPOINT_INVALID`, also for one of more than `limit` bytes, and `PATH_ESCAPES` for a link. */
export async function readSearchFile(
  path: string,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const missing = damaged(path, 'it is not there')
  try {
    return await withPlainFile(
      path,
      {
        missing: () => missing,
        unreadable: (why) => damaged(path, why),
        link: (what) =>
          new EnsuiteError(
            'PATH_ESCAPES',
            `${path} is ${what}, which may lead outside the folder of the search. Put the file itself there.`,
          ),
      },
      ({ size, read }) => {
        if (size <= limit) return read(0, size)
        throw damaged(path, `it has ${size} bytes`)
      },
    )
  } catch (error) {
    if (error === missing) return undefined
    throw error
  }
}

export const damaged = (path: string, why: string): EnsuiteError =>
  new EnsuiteError(
    'CHECKPOINT_INVALID',
    `${path} is not what a search wrote: ${why}. Restore it, or search anew in another folder.`,
  )
