import { lstat, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ensureFolder, unwritable, writeWhole } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkOptions } from '../options.ts'
import type { Section } from './chart.ts'
import { comparison } from './comparison.ts'
import { curves } from './curves.ts'
import { finalMetrics } from './final-metrics.ts'
import { modelCards } from './model-card.ts'
import { otherHeads } from './other-heads.ts'
import { chartsOf, PAGE_START, pageText } from './page.ts'
import { searches } from './searches.ts'
import { slices } from './slices.ts'
import { readSources, type ReportSources } from './sources.ts'
import { windows } from './windows.ts'

export interface ReportOptions {
  /** The file that is written. */
  readonly out: string
  /** Default: the names of what it shows. */
  readonly title?: string
  /** Whether a file that is no report is replaced; a report is in any case. Default false. */
  readonly overwrite?: boolean
  readonly writtenAt: Date
}

/** What was written. */
export interface Report {
  readonly out: string
  readonly title: string
  readonly bytes: number
  readonly runs: number
  readonly searches: number
  readonly charts: number
}

const LONGEST_TITLE = 200

/**
 * Writes one page of HTML about folders of runs and of searches; it loads nothing and runs no script.
 * Throws what `readSources` does, `OUTPUT_EXISTS` where something else is at `out`, `FILE_UNWRITABLE`, `OPTION_UNKNOWN` and `OPTION_INVALID`.
 */
export async function writeReport(folders: readonly string[], options: ReportOptions): Promise<Report> {
  checkOptions('writeReport', options, ['out', 'title', 'overwrite', 'writtenAt'])
  const { overwrite = false, writtenAt } = options
  checkBoolean('overwrite of writeReport', overwrite)
  const out = resolve(options.out)
  await checkPlace(out, overwrite)
  const sources = await readSources(folders)
  const { title = defaultTitle(sources) } = options
  if (title.length === 0 || title.length > LONGEST_TITLE)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The title of a report has 1 to ${LONGEST_TITLE} characters, received ${title.length}.`,
    )
  const sections = sectionsOf(sources)
  const text = pageText({
    ...{ title, sections, about: `Written by Ensuite at ${writtenAt.toISOString()}.` },
    data: {
      ...{ format: 1, title, writtenAt: writtenAt.toISOString() },
      runs: sources.runs.map(({ label, run }) => ({ label, run })),
      searches: sources.searches.map(({ label, space, direction }) => ({ label, space, direction })),
    },
  })
  await ensureFolder(dirname(out))
  await writeWhole(out, text).catch((cause: unknown) => {
    throw unwritable(out, (cause as Error).message, cause)
  })
  return {
    ...{ out: options.out, title, bytes: Buffer.byteLength(text) },
    ...{ runs: sources.runs.length, searches: sources.searches.length, charts: chartsOf(sections).length },
  }
}

/** The parts of the page, each where there is data for it. A new part has its one line here. */
const sectionsOf = ({ runs, searches: found }: ReportSources): readonly Section[] => [
  ...finalMetrics(runs),
  ...otherHeads(runs),
  ...comparison(runs),
  ...curves(runs),
  ...windows(runs),
  ...slices(runs),
  ...searches(found),
  ...modelCards(runs),
]

function defaultTitle({ runs, searches: found }: ReportSources): string {
  const title = [...runs, ...found].map(({ label }) => label).join(', ')
  return title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title
}

/** Throws where something is at the place that is not to be replaced. */
async function checkPlace(out: string, overwrite: boolean): Promise<void> {
  const found = await lstat(out).catch(() => undefined)
  if (found === undefined) return
  if (found.isFile() && (overwrite || (await isReport(out)))) return
  const how = found.isFile()
    ? 'Add --overwrite to replace it, or choose another --out.'
    : 'It is no plain file: choose another --out.'
  throw new EnsuiteError('OUTPUT_EXISTS', `${out} is there already, and is no report. ${how}`)
}

async function isReport(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return false
  try {
    const start = Buffer.alloc(PAGE_START.length)
    const { bytesRead } = await file.read(start, 0, start.length, 0)
    return start.toString('utf8', 0, bytesRead) === PAGE_START
  } finally {
    await file.close()
  }
}
