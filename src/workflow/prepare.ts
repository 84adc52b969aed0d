import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { Database } from '../events/database.ts'
import type { EventSource } from '../events/event-source.ts'
import { identifier, literal } from '../events/sql.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { definitionToJson, type Definition } from './definition.ts'
import { featureTypes } from './feature-types.ts'
import {
  fittedFeatureWorkflow,
  withEvents,
  type FeatureWorkflow,
  type FittedFeatureWorkflow,
} from './feature-workflow.ts'
import { groupSessions, sessionColumns } from './group-sessions.ts'
import { checkReplaceable, MANIFEST, replace, unwritable } from './prepared-folder.ts'
import { definitionColumns, runStages, type Period } from './run-stages.ts'
import { checkWindows, type WindowOptions } from './window-options.ts'
import { writeWindows, type WrittenWindow } from './write-windows.ts'

export interface PrepareOptions {
  /** The folder that is written; one that this function wrote before is replaced. */
  readonly out: string
  /** Sessions of fewer events are left out; default 2, since nothing can be predicted in shorter ones. */
  readonly minEvents?: number
  /** Of longer sessions the latest events are kept. Default: all. */
  readonly maxEvents?: number
  /** Sessions by the day or hour of their first event, each window divided. Default: one file. */
  readonly windows?: WindowOptions
  /** What is learnt from; default: all events. */
  readonly period?: Period
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
  readonly fitted: FittedFeatureWorkflow
  readonly sessions: number
  readonly events: number
  readonly windows: readonly WrittenWindow[]
}

const MEMORY = 1e9
/** Measured on 10 million clicks: a part of this share of the memory is grouped inside it. One that is not is halved. */
const MEMORY_A_BYTE = 3

/**
 * Events to sessions on disk, larger than memory: learns (or takes what was learnt), computes the features, groups them, and writes Parquet files, a row a session and a list a feature.
 *
 * The folder is written beside and renamed. Throws what `fit` throws, `FILE_UNWRITABLE`, and `ARTIFACT_EXISTS` if something else is at `out`.
 */
export async function prepare(
  workflow: FeatureWorkflow | FittedFeatureWorkflow,
  source: EventSource,
  options: PrepareOptions,
): Promise<Prepared> {
  checkOptions('prepare', options, [
    'out',
    'minEvents',
    'maxEvents',
    'windows',
    'period',
    'memoryLimit',
    'onProgress',
  ])
  const { minEvents = 2, maxEvents, windows, period, memoryLimit = MEMORY, onProgress } = options
  checkNumber('prepare: minEvents', minEvents, { integer: true, min: 1 })
  if (maxEvents !== undefined) checkNumber('prepare: maxEvents', maxEvents, { integer: true, min: 1 })
  checkNumber('prepare: memoryLimit', memoryLimit, { min: 1e8 })
  if (windows !== undefined) checkWindows(windows)
  const { definition } = workflow
  checkNames(definition)
  if (windows !== undefined && definition.time === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'prepare: windows need times. Name the column with time in the workflow.',
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
          training: true,
          buckets,
          ...(states !== undefined && { states }),
          ...(period !== undefined && { period }),
        })
        onProgress?.({ phase: 'group', done: 0, total: buckets })
        const fitted = 'states' in workflow ? workflow : fittedFeatureWorkflow(definition, staged.states)
        const grouping = groupSessions(database, definition, staged, {
          minEvents,
          buckets,
          ...(maxEvents !== undefined && { maxEvents }),
          ...(windows !== undefined && { windows }),
          onBucket: (done) => onProgress?.({ phase: 'group', done, total: buckets }),
        })
        // Large vocabularies take a while to spell, which the engine does not wait for.
        const saving = writeFile(join(writing, 'workflow.json'), JSON.stringify(fitted))
        for (const outcome of await Promise.allSettled([grouping, saving]))
          if (outcome.status === 'rejected') throw outcome.reason
        const [counted] = await database.rows(
          'SELECT count(*) AS sessions, sum(events) AS events FROM sessions',
        )
        const sessions = Number(counted!['sessions'])
        if (sessions === 0)
          throw new EnsuiteError(
            'SESSIONS_TOO_FEW',
            `No session has ${minEvents} or more events. Lower minEvents.`,
          )
        const written = await write(database, definition, writing, { windows, onProgress })
        return { fitted, sessions, events: Number(counted!['events']), windows: written }
      },
    )
    const { sessions, events, windows: written } = prepared
    const manifest = {
      version: 1,
      definition: definitionToJson(definition),
      features: featureTypes(definition),
      sessions,
      events,
      windows: written,
    }
    await writeFile(join(writing, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
    await replace(writing, out)
    return prepared
  } finally {
    await rm(writing, { recursive: true, force: true })
  }
}

async function write(
  database: Database,
  definition: Definition,
  folder: string,
  {
    windows,
    onProgress,
  }: { readonly windows: WindowOptions | undefined; readonly onProgress: PrepareOptions['onProgress'] },
): Promise<readonly WrittenWindow[]> {
  const columns = ['session', 'first_time', ...Object.keys(definition.features)].map(identifier).join(', ')
  if (windows !== undefined)
    return writeWindows(database, folder, {
      every: windows.every,
      columns,
      onWindow: (done, total) => onProgress?.({ phase: 'write', done, total }),
    })
  onProgress?.({ phase: 'write', done: 0, total: 1 })
  await database.run(
    `COPY (SELECT ${columns} FROM sessions ORDER BY first_row) TO ${literal(join(folder, 'sessions.parquet'))} (FORMAT parquet, COMPRESSION zstd)`,
  )
  return []
}

async function bucketsFor(database: Database, definition: Definition, memoryLimit: number): Promise<number> {
  const [counted] = await database.rows('SELECT count(*) AS events FROM events')
  const width = 8 * (Object.keys(definition.features).length + definitionColumns(definition).length + 2)
  return Math.min(
    4096,
    Math.max(1, Math.ceil((Number(counted!['events']) * width * MEMORY_A_BYTE) / memoryLimit)),
  )
}

function checkNames({ features }: Definition): void {
  const taken = Object.keys(features).find((name) =>
    (sessionColumns as readonly string[]).includes(name.toLowerCase()),
  )
  if (taken === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `prepare: no feature can be called '${taken}': the files have columns ${sessionColumns.join(', ')} of their own. Rename it.`,
  )
}
