import { renameSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { ensureFolder, unwritable, writeWhole } from '../artifact/index.ts'
import { packageVersion } from '../artifact/package-version.ts'
import { EnsuiteError } from '../errors.ts'
import { checkOptions, checkPath } from '../options.ts'
import type { TrainingCallback, TrainingEnd, TrainingStart } from '../train/index.ts'
import { checkNoOther } from './check-run-place.ts'
import { checkGoesOn } from './goes-on.ts'
import { goOnWithEvents, lineOf } from './resumed-events.ts'
import { startEvents, type EventLog } from './run-events.ts'
import { readRunJson, runPath } from './run-files.ts'
import { MOST_LETTERS, RUN_FORMAT, RunRecordSchema, type RunRecord } from './run-schemas.ts'
import { checkUpdatesEvery, sampledUpdates } from './sampled-updates.ts'

export interface RunFolderOptions {
  /** Default: the name of the folder. */
  readonly name?: string
  /** Of the code that trains, such as a commit of git. */
  readonly commit?: string
  /** What became of the events: any JSON. */
  readonly split?: unknown
  /** What else was asked for: any JSON. */
  readonly settings?: unknown
  /** What a check for leaks found: any JSON. */
  readonly leakage?: unknown
  /** Updates between lines of updates; default so many that a run has about 2000 of them, 10 over windows of time. */
  readonly updatesEvery?: number
  /** The clock; default the machine's. */
  readonly now?: () => Date
}

/**
 * A callback that writes down a training: `run.json` says what is trained, on what, how, and what becomes of it; `events.jsonl` has a line for every so many updates, each evaluation, epoch and
 * window. `readRun` reads both. A run that is resumed goes on in its folder, and no line is there twice. One whose process ends is `stopped`; one that is killed stays `running` until it is resumed.
 *
 * Training ends, before its first update, with `OUTPUT_EXISTS` where the folder holds a run and no checkpoint is gone on from, or one that has ended and is to be trained again; `RUN_INVALID` where it
 * holds another one, `FILE_UNWRITABLE`; and with `OUTPUT_EXISTS` where the folder is an artifact, a prepared folder or a search.
 */
export function runFolder(path: string, options: RunFolderOptions = {}): TrainingCallback {
  const known = ['name', 'commit', 'split', 'settings', 'leakage', 'updatesEvery', 'now']
  checkOptions('runFolder', options, known)
  checkPath('runFolder', path)
  checkUpdatesEvery('runFolder', options.updatesEvery)
  checkText('name', options.name ?? basename(resolve(path)), 1)
  checkText('commit', options.commit ?? '', 0)
  const { now = () => new Date() } = options
  const folder = resolve(path)
  let open: OpenRun | undefined
  const time = (): string => now().toISOString()
  const add = async (line: Parameters<EventLog['add']>[0], isFlushed: boolean): Promise<void> =>
    open?.log.add(line, { isFlushed })
  return {
    onStart: async (start) => {
      await checkNoOther(folder)
      const before = start.resume ? await recordOf(folder) : undefined
      if (before !== undefined) await checkGoesOn(folder, before, start)
      const record = { ...recorded(folder, start, options, time()), ...kept(before) }
      await ensureFolder(folder)
      const log = start.resume
        ? await goOnWithEvents(folder, start.before, time())
        : await startEvents(folder)
      open = {
        ...{ record, log, update: start.before.update },
        isSampled: sampledUpdates(start, options.updatesEvery),
        atExit: () => {
          replaceNow(folder, { ...record, status: 'stopped', endedAt: time() })
        },
      }
      process.once('exit', open.atExit)
      await write(folder, record)
    },
    onUpdate: async (record) => {
      if (open === undefined) return
      open.update = record.update
      if (!open.isSampled(record.update)) return
      const { update, epoch, window, loss, updateLoss, learningRate, gradientNorm } = record
      await add(
        {
          ...{ kind: 'update', time: time(), update, epoch, ...(window !== undefined && { window }) },
          ...{ loss, updateLoss, learningRate, gradientNorm },
        },
        false,
      )
    },
    onEvaluation: (record) => add(lineOf.evaluation(record, time()), true),
    onEpoch: (record) => add(lineOf.epoch(record, time()), true),
    onWindow: (record) => add(lineOf.window(record, open?.update ?? 0, time()), true),
    onEnd: async (end) => {
      if (open === undefined) return
      const { record, log, atExit } = open
      open = undefined
      process.off('exit', atExit)
      await log.close()
      await write(folder, { ...record, status: end.status, endedAt: time(), ...outcome(end) })
    },
  }
}

/** What could not be read again is refused before it is written. */
function checkText(option: string, value: unknown, least: number): void {
  if (typeof value === 'string' && value.length >= least && value.length <= MOST_LETTERS) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `runFolder: ${option} is a text of ${least === 0 ? '' : `${least} to `}${MOST_LETTERS} letters${least === 0 ? ' at most' : ''}.`,
  )
}

interface OpenRun {
  readonly record: RunRecord
  readonly log: EventLog
  readonly isSampled: (update: number) => boolean
  readonly atExit: () => void
  /** The last one. */
  update: number
}

/** The `run.json` of a folder, if there is one. Throws `RUN_INVALID`. */
export const recordOf = async (folder: string): Promise<RunRecord | undefined> =>
  (await readRunJson(folder, 'run', RunRecordSchema)) as RunRecord | undefined

function recorded(
  folder: string,
  start: TrainingStart,
  options: RunFolderOptions,
  startedAt: string,
): RunRecord {
  const { kind, model, parameters, seed, data, updates, digest } = start
  const { name = basename(folder), commit, split, settings, leakage } = options
  return {
    ...{ format: RUN_FORMAT, name, kind, status: 'running', startedAt, resumed: 0 },
    packageVersion: packageVersion(),
    ...(commit !== undefined && { commit }),
    ...{ digest, seed, model, parameters, options: start.options },
    ...(updates !== undefined && { updates }),
    data,
    ...(split !== undefined && { split }),
    ...(settings !== undefined && { settings }),
    ...(leakage !== undefined && { leakage }),
  }
}

/** What stays of a run that is gone on with. */
const kept = (before: RunRecord | undefined): Partial<Pick<RunRecord, 'name' | 'startedAt' | 'resumed'>> =>
  before === undefined ? {} : { name: before.name, startedAt: before.startedAt, resumed: before.resumed + 1 }

function outcome(end: TrainingEnd): Partial<RunRecord> {
  const { update, epochs, evaluations, windows, best } = end
  const average = 'average' in end ? end.average : undefined
  const error = end.status === 'failed' ? end.error : undefined
  return {
    result: {
      ...{ update, epochs: epochs.length, evaluations: evaluations.length, windows: windows.length },
      ...(best && { best }),
      ...(average && { average }),
    },
    ...(end.status === 'failed' && {
      error: {
        ...(error instanceof EnsuiteError && { code: error.code }),
        message: (error instanceof Error ? error.message : String(error)).slice(0, 10_000),
      },
    }),
  }
}

const textOf = (record: RunRecord): string => `${JSON.stringify(record, undefined, 2)}\n`

async function write(folder: string, record: RunRecord): Promise<void> {
  await writeWhole(runPath(folder, 'run'), textOf(record)).catch((cause: unknown) => {
    throw unwritable(folder, (cause as Error).message, cause)
  })
}

/** For a process that ends: nothing that takes time is done any more. */
function replaceNow(folder: string, record: RunRecord): void {
  const path = runPath(folder, 'run')
  try {
    writeFileSync(`${path}.partial`, textOf(record))
    renameSync(`${path}.partial`, path)
  } catch {
    // It stays `running`.
  }
}
