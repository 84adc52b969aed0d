import { access, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { checkDifferent } from '../options.ts'
import { readRun, type Run } from '../runs/index.ts'
import { readSearch, SEARCH_FILE, type SavedSearch } from '../tune/index.ts'

/** A run, by a name that no other of the page has. */
export interface NamedRun extends Run {
  readonly label: string
}

export interface NamedSearch extends SavedSearch {
  readonly label: string
}

/** What a page is made of. */
export interface ReportSources {
  readonly runs: readonly NamedRun[]
  readonly searches: readonly NamedSearch[]
}

/** Of both kinds; more are no page that can be read. */
const MOST_SOURCES = 50
const LABEL_LENGTH = 40

/**
 * Reads folders of runs and of searches, which are told by their `tune.json`.
 * Throws `OPTION_INVALID` for none, more than 50, or one that is there twice, `RUN_INVALID` and `CHECKPOINT_INVALID` for what is neither or damaged, and `PATH_ESCAPES` for links.
 */
export async function readSources(folders: readonly string[]): Promise<ReportSources> {
  if (folders.length === 0 || folders.length > MOST_SOURCES)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `A report is of 1 to ${MOST_SOURCES} folders of runs or searches, received ${folders.length}.`,
    )
  const places = folders.map((folder) => realpath(folder).catch(() => resolve(folder)))
  checkDifferent('The list of folders of a report', await Promise.all(places))
  const labels = new Map<string, number>()
  /** The name, shortened, with a number where another has it. */
  const label = (name: string): string => {
    const short = name.length > LABEL_LENGTH ? `${name.slice(0, LABEL_LENGTH - 1)}…` : name
    const before = labels.get(short) ?? 0
    labels.set(short, before + 1)
    return before === 0 ? short : label(`${short.slice(0, LABEL_LENGTH - 5)} (${before + 1})`)
  }
  const runs: NamedRun[] = []
  const searches: NamedSearch[] = []
  for (const folder of folders)
    if (await isThere(join(folder, SEARCH_FILE))) {
      const search = await readSearch(folder)
      searches.push({ ...search, label: label(lastPart(folder)) })
    } else {
      const run = await readRun(folder)
      runs.push({ ...run, label: label(run.run.name) })
    }
  return { runs, searches }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const lastPart = (folder: string): string => folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder
