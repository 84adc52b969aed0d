import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import type { EventSource } from '../events/event-source.ts'
import { identifier, literal } from '../events/sql.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { columnSchema } from '../schema/column-schema.ts'
import { writeSchema } from '../schema/schema-files.ts'
import { type Definition } from './definition.ts'
import { definitionToJson } from './definition-json.ts'
import { featureSchema, type Lengths } from './feature-schema.ts'
import { featureTypes } from './feature-types.ts'
import { createFittedWorkflow, type FittedWorkflow } from './fitted-workflow.ts'
import { groupSessions, sessionColumns } from './group-sessions.ts'
import { definitionColumns } from './definition-columns.ts'
import { runStages, type Period } from './run-stages.ts'
import { checkSplit, isTrained, type PreparedSplit } from './prepared-split.ts'
import { checkReplaceable, MANIFEST, replace, unwritable } from './prepared-folder.ts'
import { checkSlice, type SessionSlice } from './session-slice.ts'
import { withEvents } from './with-events.ts'
import type { Workflow } from './workflow.ts'
import { writeWindows, type WrittenWindow } from './write-windows.ts'

export interface PrepareOptions {
  /** The folder that is written; one that this function wrote before is replaced. */
  readonly out: string
  /** Sessions of fewer events are left out; default 2, since nothing can be predicted in shorter ones. Events are counted before the slice. */
  readonly minEvents?: number
  /** Of longer sessions the latest events are kept: `slice: { start: -maxEvents }`. Default: all. */
  readonly maxEvents?: number
  /**
   * Which events of each session are written, as Python's `[start:end]`; sessions of which none is left are left out. Features are computed before,
   * from all events of the session; its context is that of the last event that is kept. Not beside `maxEvents`. Default: all.
   */
  readonly slice?: SessionSlice
  /** How sessions are divided into train, valid and test, and by day or hour. Default: one file of all. */
  readonly split?: PreparedSplit
  /** Learns from the events of this time alone. Default: all times. */
  readonly period?: Period
  /** Learns from the sessions that train, or from all. Default 'training'. */
  readonly learnFrom?: 'training' | 'all'
  /** Bytes that the engine may use, default 1 GB; sessions are computed in as many parts as that needs. */
  readonly memoryLimit?: number
  readonly onProgress?: (progress: PrepareProgress) => void
}

export interface PrepareProgress {
  readonly phase: 'read' | 'learn' | 'group' | 'write'
  readonly done: number
  readonly total: number
}

export interface Prepared {
  readonly fitted: FittedWorkflow
  readonly sessions: number
  readonly events: number
  /** Events of the shortest session that was written, and of the longest. */
  readonly lengths: Lengths
  readonly windows: readonly WrittenWindow[]
}

const MEMORY = 1e9
/** Measured on 10 million clicks: a part of this share of the memory is grouped inside it. One that is not is halved. */
const MEMORY_A_BYTE = 3

/**
 * Events to sessions on disk, larger than memory: learns (or takes what was learnt), computes the features, groups them, and writes Parquet files, a row a session and a list a feature.
 *
 * Beside them are the fitted workflow (`workflow.json`), what is in the folder (`prepared.json`), and the schema of the sessions with their lengths, as `readSchema`
 * and Merlin's tools read it (`schema.pbtxt`, `.merlin/schema.json`). The folder is written beside and renamed.
 *
 * Throws what `fit` throws, `FILE_UNWRITABLE`, `SCHEMA_INVALID` for a feature without a name, `SESSIONS_TOO_FEW` if none is left, and `ARTIFACT_EXISTS` if something else is at `out`.
 */
export async function prepare(
  workflow: Workflow | FittedWorkflow,
  source: EventSource,
  options: PrepareOptions,
): Promise<Prepared> {
  checkOptions('prepare', options, [
    'out',
    'minEvents',
    'maxEvents',
    'slice',
    'split',
    'period',
    'learnFrom',
    'memoryLimit',
    'onProgress',
  ])
  const { minEvents = 2, split, period, memoryLimit = MEMORY, onProgress } = options
  const { learnFrom = 'training' } = options
  checkChoice('prepare: learnFrom', learnFrom, ['training', 'all'])
  checkNumber('prepare: minEvents', minEvents, { integer: true, min: 1 })
  const slice = chosenSlice(options)
  checkNumber('prepare: memoryLimit', memoryLimit, { min: 1e8 })
  if (split !== undefined) checkSplit(split)
  const { definition } = workflow
  checkNames(definition)
  if (split?.every !== undefined && definition.time === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'prepare: days and hours need times. Name the column with time in the workflow.',
    )
  const out = resolve(options.out)
  await checkReplaceable(out)
  const writing = join(dirname(out), `.${basename(out)}.${randomUUID()}`)
  await mkdir(writing, { recursive: true }).catch(unwritable(writing))
  try {
    onProgress?.({ phase: 'read', done: 0, total: 1 })
    const prepared = await withEvents(
      source,
      definition,
      { folder: writing, memoryLimit },
      async (database) => {
        const buckets = await bucketsFor(database, definition, memoryLimit)
        onProgress?.({ phase: 'learn', done: 0, total: 1 })
        const states = 'states' in workflow ? workflow.states : undefined
        const staged = await runStages(database, definition, {
          // A workflow that was fitted on other events is served to these.
          training: states === undefined,
          buckets,
          ...(states !== undefined && { states }),
          ...(split !== undefined &&
            learnFrom === 'training' && { trainedSessions: (name) => isTrained(split, name) }),
          ...(period !== undefined && { period }),
        })
        onProgress?.({ phase: 'group', done: 0, total: buckets })
        const fitted = 'states' in workflow ? workflow : createFittedWorkflow(definition, staged.states)
        const grouping = groupSessions(database, definition, staged, {
          minEvents,
          buckets,
          ...(slice !== undefined && { slice }),
          ...(split !== undefined && { split }),
          onBucket: (done) => onProgress?.({ phase: 'group', done, total: buckets }),
        })
        // Large vocabularies take a while to spell, which the engine does not wait for.
        const saving = writeFile(join(writing, 'workflow.json'), JSON.stringify(fitted))
        for (const outcome of await Promise.allSettled([grouping, saving]))
          if (outcome.status === 'rejected') throw outcome.reason
        const [counted] = await database.rows(
          'SELECT count(*) AS sessions, sum(events) AS events, min(events) AS shortest, max(events) AS longest FROM sessions',
        )
        const sessions = Number(counted!['sessions'])
        if (sessions === 0)
          throw new EnsuiteError(
            'SESSIONS_TOO_FEW',
            `No session has ${minEvents} or more events${slice === undefined ? '. Lower minEvents.' : ' of which the slice keeps one. Lower minEvents, or widen the slice.'}`,
          )
        if (split?.every !== undefined) await refuseSeconds(database)
        const written = await write(database, definition, writing, { split, onProgress })
        const lengths = { min: Number(counted!['shortest']), max: Number(counted!['longest']) }
        return { fitted, sessions, events: Number(counted!['events']), lengths, windows: written }
      },
    )
    const { fitted, sessions, events, lengths, windows: written } = prepared
    await writeSchema(featureSchema(definition, fitted.states.at(-1)!, lengths), writing)
    const manifest = {
      version: 1,
      definition: definitionToJson(definition),
      features: featureTypes(definition),
      sessions,
      events,
      lengths,
      windows: written,
    }
    await writeFile(join(writing, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    await replace(writing, out)
    return prepared
  } finally {
    await rm(writing, { recursive: true, force: true })
  }
}

function chosenSlice({ maxEvents, slice }: PrepareOptions): SessionSlice | undefined {
  if (slice !== undefined) checkSlice(slice)
  if (maxEvents === undefined) return slice
  checkNumber('prepare: maxEvents', maxEvents, {
    integer: true,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  })
  if (slice === undefined) return { start: -maxEvents }
  throw new EnsuiteError(
    'OPTION_INVALID',
    `prepare expects maxEvents or slice, received both. maxEvents: ${maxEvents} is slice: { start: ${-maxEvents} }; give the slice alone.`,
  )
}

async function write(
  database: Database,
  definition: Definition,
  folder: string,
  {
    split,
    onProgress,
  }: { readonly split: PreparedSplit | undefined; readonly onProgress: PrepareOptions['onProgress'] },
): Promise<readonly WrittenWindow[]> {
  const columns = ['session', 'first_time', ...Object.keys(featureTypes(definition))]
    .map(identifier)
    .join(', ')
  if (split !== undefined)
    return writeWindows(database, folder, {
      ...(split.every !== undefined && { every: split.every }),
      columns,
      onWindow: (done, total) => onProgress?.({ phase: 'write', done, total }),
    })
  onProgress?.({ phase: 'write', done: 0, total: 1 })
  await database.run(
    `COPY (SELECT ${columns} FROM sessions ORDER BY first_row) TO ${literal(join(folder, 'sessions.parquet'))} (FORMAT parquet, COMPRESSION zstd)`,
  )
  return []
}

/** Seconds that were read as milliseconds would all fall into the first weeks of 1970. */
async function refuseSeconds(database: Database): Promise<void> {
  const [first, last] = await database.columns('SELECT min(first_time), max(first_time) FROM sessions')
  const [from, until] = [first![0]!, last![0]!]
  if (from < 6e8 || until > 1e10) return
  throw new EnsuiteError(
    'COLUMN_INVALID',
    `The times are numbers from ${from} on, which as milliseconds are days of 1970: they look like seconds. Write time: column('ts', 'seconds') in the workflow.`,
  )
}

async function bucketsFor(database: Database, definition: Definition, memoryLimit: number): Promise<number> {
  const [counted] = await database.rows('SELECT count(*) AS events FROM events')
  const width = 8 * (Object.keys(featureTypes(definition)).length + definitionColumns(definition).length + 2)
  return Math.min(
    4096,
    Math.max(1, Math.ceil((Number(counted!['events']) * width * MEMORY_A_BYTE) / memoryLimit)),
  )
}

const reserved: readonly string[] = [...sessionColumns, 'window_number', 'window_part']

function checkNames(definition: Definition): void {
  const names = Object.keys(featureTypes(definition))
  // What the schema cannot hold is refused before anything is read.
  for (const name of names) columnSchema({ name })
  const taken = names.find((name) => reserved.includes(name.toLowerCase()))
  if (taken === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `prepare: no feature can be called '${taken}': columns ${reserved.join(', ')} are prepare's own. Rename it.`,
  )
}
