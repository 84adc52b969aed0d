import { join } from 'node:path'
import { ensureFolder } from '../ensure-folder.ts'
import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../options.ts'
import { withCheckpointLock } from '../train/index.ts'
import { TRIALS_FILE } from './read-search.ts'
import { rungsOf, type Rung, type Search } from './rungs.ts'
import { forgetUnbegun, startSearch } from './search-folder.ts'
import { checkSpace, drawSettings, type SearchSpace, type Settings } from './search-space.ts'
import { addTrial, isOfTheRun, readTrials, type TrialRecord } from './trial-log.ts'

/** What a trial is asked for. */
export interface Trial {
  /** Counted from 1. */
  readonly trial: number
  readonly settings: Settings
  /** How much it may train, such as epochs. */
  readonly budget: number
  /** Which of the jobs it is, from 0: no two run at once with the same. */
  readonly job: number
}

export interface Measured {
  readonly value: number
  /** JSON-safe; kept beside it. */
  readonly about?: Readonly<Record<string, unknown>>
}

export interface TuneOptions {
  readonly space: SearchSpace
  /** Default 20. */
  readonly trials?: number
  /** What the best trials may train, such as epochs; default 1. */
  readonly budget?: number
  /** Default `{ kind: 'random' }`. */
  readonly search?: Search
  /** Which values are better; default `higher`. */
  readonly direction?: 'higher' | 'lower'
  /** Start of all draws; default 1. */
  readonly seed?: number
  /** How many trials run at once; default 1. What is found does not depend on it. */
  readonly jobs?: number
  /** Throws an `EnsuiteError` for settings that do not go together: others are drawn in their place. */
  readonly accept?: (settings: Settings) => void
  /** Where trials are kept, each once it has ended. */
  readonly folder?: string
  /** Go on in the folder: trials that have ended are not run again, but for those that failed with what is not of their settings: `RUNTIME_FAILED`, `FILE_UNWRITABLE`, `CHECKPOINT_EXISTS` or `CHECKPOINT_INVALID`. */
  readonly resume?: boolean
  /** What else the values depend on, JSON-safe: a search goes on only where it is the same. */
  readonly of?: unknown
  /** Called once a trial is kept, and for those that were; waited for. */
  readonly onTrial?: (
    record: TrialRecord,
    /** `done` have ended, of which `ran` were run here and not known from before. */
    progress: { readonly done: number; readonly ran: number; readonly total: number },
  ) => void | Promise<void>
}

export interface Tuned {
  /** All that ended, by rung, best first; those that failed are last. */
  readonly trials: readonly TrialRecord[]
  /** The best of those with the whole budget; nothing where all failed. */
  readonly best?: TrialRecord
  /** Settings that did not go together, and were drawn in vain. */
  readonly refused: number
}

/**
 * Looks through a space for the settings with the best value. The same seed tries the same settings, whatever `jobs` is.
 *
 * A run that throws an `EnsuiteError` is a trial that failed, worse than all others; anything else ends the search.
 * Throws `OPTION_UNKNOWN` and `OPTION_INVALID`, also where no settings go together (what `accept` throws, where that is the same for all) and where a run gives no value; `CHECKPOINT_EXISTS` where the folder holds a search and `resume` is not given, or another run has it; `OUTPUT_EXISTS` where it holds something else; `CHECKPOINT_INVALID` and `PATH_ESCAPES` for files that no search wrote. A folder in which nothing came of a search, as its first trials threw something else, is left as it was.
 */
export async function tune(run: (trial: Trial) => Promise<Measured>, options: TuneOptions): Promise<Tuned> {
  const settled = settle(options)
  const { folder } = settled
  const drawn = drawAll(settled)
  if (folder === undefined) return searched(run, settled, { drawn, before: [] })
  await ensureFolder(folder)
  return withCheckpointLock(folder, async () => {
    const log = join(folder, TRIALS_FILE)
    const { space, trials, budget, search, direction, seed, of } = settled
    await startSearch(folder, { space, trials, budget, search, direction, seed, of }, settled.resume)
    const before = await readTrials(log)
    try {
      return await searched(run, { ...settled, keep: (record) => addTrial(log, record) }, { drawn, before })
    } catch (error) {
      await forgetUnbegun(folder).catch(() => undefined)
      throw error
    }
  })
}

type Settled = Omit<TuneOptions, keyof typeof DEFAULTS> &
  Required<Pick<TuneOptions, keyof typeof DEFAULTS>> & {
    readonly rungs: readonly Rung[]
    readonly keep: (record: TrialRecord) => Promise<void>
  }

const DEFAULTS = {
  trials: 20,
  budget: 1,
  search: { kind: 'random' } as Search,
  direction: 'higher' as const,
  seed: 1,
  jobs: 1,
  resume: false,
}

function settle(options: TuneOptions): Settled {
  checkOptions('tune', options, [...Object.keys(DEFAULTS), 'space', 'accept', 'folder', 'of', 'onTrial'])
  const full = { ...DEFAULTS, ...options }
  checkSpace(full.space)
  checkNumber('tune: trials', full.trials, { integer: true, min: 1, max: 100_000 })
  checkNumber('tune: budget', full.budget, { integer: true, min: 1 })
  checkNumber('tune: jobs', full.jobs, { integer: true, min: 1, max: 256 })
  checkNumber('tune: seed', full.seed, { integer: true, min: 0 })
  checkChoice('tune: direction', full.direction, ['higher', 'lower'])
  checkBoolean('tune: resume', full.resume)
  return { ...full, rungs: rungsOf(full.search, full), keep: () => Promise.resolve() }
}

async function searched(
  run: (trial: Trial) => Promise<Measured>,
  settled: Settled,
  { drawn, before }: { readonly drawn: Drawn; readonly before: readonly TrialRecord[] },
): Promise<Tuned> {
  const { rungs, jobs, onTrial, keep } = settled
  let total = rungs.reduce((sum, { trials }) => sum + trials, 0)
  let candidates = drawn.settings.map((settings, at) => ({ trial: at + 1, settings }))
  let [done, ran] = [0, 0]
  const ranked: (readonly TrialRecord[])[] = []
  for (const { trials, budget } of rungs) {
    const one = async (each: (typeof candidates)[number], job: number): Promise<TrialRecord> => {
      const known = before.find(
        (other) => other.trial === each.trial && other.budget === budget && !isOfTheRun(other.error?.code),
      )
      const record = known ?? (await oneTrial(run, { ...each, budget, job }))
      if (known === undefined) {
        await keep(record)
        ran++
      }
      await onTrial?.(record, { done: ++done, ran, total })
      return record
    }
    const records: TrialRecord[] = []
    const missing = (): number => trials - records.filter(({ value }) => value !== undefined).length
    // The next best take the places of those that fail.
    for (let from = 0; missing() > 0 && from < candidates.length;) {
      const next = candidates.slice(from, from + missing())
      if (from > 0) total += next.length
      from += next.length
      records.push(...(await inJobs(next, jobs, one)))
    }
    const best = records.toSorted(better(settled.direction))
    ranked.push(best)
    candidates = best
      .filter(({ value }) => value !== undefined)
      .map(({ trial, settings }) => ({ trial, settings }))
  }
  const [best] = ranked.at(-1)!
  return {
    trials: ranked.toReversed().flat(),
    ...(best?.value !== undefined && { best }),
    refused: drawn.refused,
  }
}

/** By value, then by number; those without a value last. */
const better =
  (direction: 'higher' | 'lower') =>
  (one: TrialRecord, other: TrialRecord): number => {
    const sign = direction === 'higher' ? -1 : 1
    const worst = sign * Infinity
    const [left, right] = [one.value ?? worst, other.value ?? worst]
    return left === right ? one.trial - other.trial : sign * (left - right)
  }

async function oneTrial(run: (trial: Trial) => Promise<Measured>, asked: Trial): Promise<TrialRecord> {
  const { trial, settings, budget } = asked
  const started = performance.now()
  const ended = (came: Pick<TrialRecord, 'value' | 'about' | 'error'>): TrialRecord => ({
    ...{ trial, budget, settings, ...came },
    seconds: (performance.now() - started) / 1000,
  })
  const failed = ({ code, message }: EnsuiteError): TrialRecord => ended({ error: { code, message } })
  let measured: Partial<Measured>
  try {
    measured = Object(await run(asked)) as Partial<Measured>
  } catch (error) {
    if (!(error instanceof EnsuiteError)) throw error
    return failed(error)
  }
  const { value, about } = measured
  // A mistake in the code, and no trial that failed.
  if (typeof value !== 'number')
    throw new EnsuiteError(
      'OPTION_INVALID',
      'tune: the function that runs a trial should resolve to { value, about }, where value is a number, and gave none.',
    )
  if (Number.isFinite(value)) return ended({ value, ...(about && { about }) })
  return failed(
    new EnsuiteError('TRAINING_DIVERGED', `The value of trial ${trial} is ${value}, and no number.`),
  )
}

/** Of so many draws for each trial one must be accepted. */
const MOST_DRAWS = 100

interface Drawn {
  readonly settings: readonly Settings[]
  readonly refused: number
}

function drawAll({ space, trials, seed, accept }: Settled): Drawn {
  const settings: Settings[] = []
  const refusals = new Map<string, EnsuiteError>()
  let at = 0
  for (; settings.length < trials; at++) {
    if (at >= MOST_DRAWS * trials)
      throw vain([...refusals.values()], { at, trials, together: settings.length })
    const own = drawSettings(space, seed, at)
    try {
      accept?.(own)
      settings.push(own)
    } catch (error) {
      if (!(error instanceof EnsuiteError)) throw error
      // The last one stays the last.
      refusals.delete(error.message)
      refusals.set(error.message, error)
    }
  }
  return { settings, refused: at - settings.length }
}

/** What to say of so many draws of which too few go together. Where none does, and all for one reason or a name that nothing has, it is that, and no matter of chance. */
function vain(
  refusals: readonly EnsuiteError[],
  { at, trials, together }: { readonly at: number; readonly trials: number; readonly together: number },
): EnsuiteError {
  const last = refusals.at(-1)!
  if (together === 0 && (refusals.length === 1 || refusals.every(({ code }) => code === 'OPTION_UNKNOWN')))
    return new EnsuiteError(
      last.code,
      last.message.startsWith('tune: ') ? last.message : `tune: space: ${last.message}`,
      { cause: last },
    )
  return new EnsuiteError(
    'OPTION_INVALID',
    `tune: of ${at} draws from the space ${together} go together, and ${trials} are asked for. The last one: ${last.message}`,
    { cause: last },
  )
}

/** Works on all, so many at a time; results in their order. After a failure nothing new is begun. */
async function inJobs<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, job: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(items.length)
  const queue = items.entries()
  let failed = false
  const runner = async (job: number): Promise<void> => {
    for (const [at, item] of queue) {
      if (failed) return
      try {
        results[at] = await work(item, job)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: jobs }, (_, job) => runner(job)))
  for (const each of ended) if (each.status === 'rejected') throw each.reason
  return results
}
