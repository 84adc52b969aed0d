import { readdir } from 'node:fs/promises'
import { EnsuiteError } from '../errors.ts'
import { WORKFLOW } from './prepared-files.ts'
import { MANIFEST } from './prepared-manifest.ts'
import { unitNames, windowsFolder } from './split-units.ts'

/** All that `prepare` writes. A folder that holds anything else is not its own. */
const OWN: readonly string[] = [
  MANIFEST,
  WORKFLOW,
  'schema.pbtxt',
  '.merlin',
  'sessions.parquet',
  'train.parquet',
  'valid.parquet',
  'test.parquet',
  ...unitNames.map(windowsFolder),
]

/** Throws `OUTPUT_EXISTS` if something is at `out` that may not be replaced, `FILE_UNWRITABLE` if it cannot be looked at. */
export async function checkReplaceable(out: string): Promise<void> {
  const found = await readdir(out).catch((cause: unknown): string[] => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new EnsuiteError(
      'FILE_UNWRITABLE',
      `${out} cannot be written: ${(cause as Error).message}. Choose another folder.`,
    )
  })
  const other = found.find((name) => !OWN.includes(name))
  if (found.length === 0 || (found.includes(MANIFEST) && other === undefined)) return
  throw new EnsuiteError(
    'OUTPUT_EXISTS',
    `${out} holds ${other === undefined ? 'something' : `'${other}'`} that prepare did not write. Choose another folder, or empty this one.`,
  )
}
