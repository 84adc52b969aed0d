import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { type Database, withDatabase } from '../events/database.ts'
import type { PreparedFile } from './prepared-files.ts'
import type { VerifiedFiles } from './verified-files.ts'

/** Runs something on files of a prepared folder, which are held against its manifest before and after. */
export type Reading = <Result>(
  files: readonly string[],
  body: (database: Database) => Promise<Result>,
) => Promise<Result>

export function verifiedReading(
  folder: string,
  files: readonly PreparedFile[],
  verified: VerifiedFiles,
): Reading {
  const byFile = new Map(files.map((file) => [join(folder, file.path), file]))
  return async (names, body) => {
    const wanted = names.map((name) => byFile.get(name)!)
    await verified.verify(wanted)
    const result = await withDatabase(names, body).catch(async (cause: unknown): Promise<never> => {
      if (cause instanceof EnsuiteError) throw cause
      // What was taken away meanwhile says more than what the engine says of it.
      await verified.verify(wanted)
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${folder} cannot be read: ${(cause as Error).message.split('\n')[0]!}. Prepare it again.`,
        { cause },
      )
    })
    // What was exchanged while it was read is noticed, too.
    await verified.verify(wanted)
    return result
  }
}
