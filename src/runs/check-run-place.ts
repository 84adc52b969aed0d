import { readdir } from 'node:fs/promises'
import { unwritable } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { runFiles } from './run-files.ts'

/** The files that say that a folder is something else: it would no longer be whole with a run in it. */
const OTHERS: Readonly<Record<string, string>> = {
  'manifest.json': 'an artifact',
  'prepared.json': 'a prepared folder',
  'tune.json': 'a search',
}

/** Throws `OUTPUT_EXISTS` where a folder is an artifact, a prepared folder or a search. */
export async function checkNoOther(folder: string): Promise<void> {
  const other = (await namesIn(folder)).find((name) => Object.hasOwn(OTHERS, name))
  if (other !== undefined) throw refused(folder, `is ${OTHERS[other]!}`)
}

/** Throws `OUTPUT_EXISTS` unless a folder is new, empty or a run's. */
export async function checkRunPlace(folder: string): Promise<void> {
  await checkNoOther(folder)
  const names = (await namesIn(folder)).filter((name) => !name.startsWith('.'))
  const own: readonly string[] = Object.values(runFiles).map(({ name }) => name)
  if (names.length > 0 && !names.some((name) => own.includes(name)))
    throw refused(folder, `holds '${names[0]!}', and no run`)
}

const refused = (folder: string, what: string): EnsuiteError =>
  new EnsuiteError(
    'OUTPUT_EXISTS',
    `${folder} ${what}, and is left as it is. A run has a folder that is new, empty or its own: choose another one.`,
  )

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unwritable(folder, (cause as Error).message, cause)
  })
