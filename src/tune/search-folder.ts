import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { differingOptions } from '../train/differing-options.ts'
import { readSearchFile } from './read-search-file.ts'
import { SEARCH_FILE, SEARCH_LIMIT } from './read-search.ts'

/**
 * Writes into its folder what a search is, or holds it against what is there. Throws `CHECKPOINT_EXISTS` where the folder holds a search and `resume` is not given, `CHECKPOINT_INVALID` where it is another one,
 * `OUTPUT_EXISTS` where the folder holds something else, and `PATH_ESCAPES`.
 */
export async function startSearch(folder: string, search: object, resume: boolean): Promise<void> {
  const own = JSON.stringify({ format: 'ensuite-tune', version: 1, ...search }, undefined, 2)
  const path = join(folder, SEARCH_FILE)
  const bytes = await readSearchFile(path, SEARCH_LIMIT)
  if (bytes === undefined) {
    const other = (await readdir(folder)).find((name) => !isOfStart(name))
    // What reads the folder would take it for a search.
    if (other !== undefined)
      throw new EnsuiteError(
        'OUTPUT_EXISTS',
        `${folder} holds ${other}, and no search. Choose a folder that is new, empty, or a search's.`,
      )
    return writeWhole(path, `${own}\n`)
  }
  if (!resume)
    throw new EnsuiteError(
      'CHECKPOINT_EXISTS',
      `${folder} holds a search already. Go on with 'resume', or choose another folder.`,
    )
  const found = Buffer.from(bytes).toString('utf8')
  if (found.trimEnd() === own) return
  const how = differingOptions(found, own)
  throw new EnsuiteError(
    'CHECKPOINT_INVALID',
    `${folder} holds another search${how === '' ? '' : `: ${how}`}. Go on with the options and the events that it had, or choose another folder.`,
  )
}

/** Takes a search out of its folder that ended before anything came of it: with other options it can be started there. */
export async function forgetUnbegun(folder: string): Promise<void> {
  if ((await readdir(folder)).every(isOfStart)) await rm(join(folder, SEARCH_FILE), { force: true })
}

/** Locks of runs that have ended are nothing, nor is what one of them had half-written. */
const isOfStart = (name: string): boolean => name.endsWith('.lock') || name.startsWith(SEARCH_FILE)
