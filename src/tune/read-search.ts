import { join } from 'node:path'
import { parseJson } from '../artifact/index.ts'
import { damaged, readSearchFile } from './read-search-file.ts'
import type { Search } from './rungs.ts'
import { checkSpace, type SearchSpace } from './search-space.ts'
import { readTrials, type TrialRecord } from './trial-log.ts'

/** What a search folder holds. */
export interface SavedSearch {
  readonly space: SearchSpace
  readonly trials: number
  readonly budget: number
  readonly search: Search
  readonly direction: 'higher' | 'lower'
  readonly seed: number
  /** What the values depend on, where the search said so. */
  readonly of?: unknown
  /** In the order in which they ended; of a trial that was tried again the last one. */
  readonly records: readonly TrialRecord[]
}

/** What says which search a folder holds. */
export const SEARCH_FILE = 'tune.json'
export const TRIALS_FILE = 'trials.jsonl'

/** Larger files of that are not read. */
export const SEARCH_LIMIT = 16 * 1024 * 1024

/** Reads the folder of a search, also of one that goes on. Throws `CHECKPOINT_INVALID` where there is none, or its files are not what a search wrote, and `PATH_ESCAPES` for a link. */
export async function readSearch(folder: string): Promise<SavedSearch> {
  const path = join(folder, SEARCH_FILE)
  const bytes = await readSearchFile(path, SEARCH_LIMIT)
  if (bytes === undefined) throw damaged(path, 'it is not there')
  const search = checked(path, parseJson(bytes))
  return { ...search, records: await readTrials(join(folder, TRIALS_FILE)) }
}

function checked(path: string, value: unknown): Omit<SavedSearch, 'records'> {
  const found = Object(value) as Readonly<Record<string, unknown>>
  if (found['format'] !== 'ensuite-tune' || found['version'] !== 1)
    throw damaged(path, 'its format is not that of a search of this version')
  const { space, trials, budget, search, direction, seed, of } = found
  try {
    checkSpace(space as SearchSpace)
  } catch (error) {
    throw damaged(path, (error as Error).message)
  }
  const isWhole = [trials, budget, seed].every((each) => Number.isInteger(each))
  const kind = (Object(search) as { readonly kind?: unknown }).kind
  if (!isWhole || typeof kind !== 'string' || (direction !== 'higher' && direction !== 'lower'))
    throw damaged(path, 'trials, budget, seed, search or direction is missing')
  return { space, trials, budget, search, direction, seed, of } as Omit<SavedSearch, 'records'>
}
