import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { EventSource } from '../events/event-source.ts'
import { checkGiven } from '../options.ts'
import { writeSchema } from '../schema/schema-files.ts'
import { type Definition } from './definition.ts'
import { featureSchema, type Lengths } from './feature-schema.ts'
import { featureTypes } from './feature-types.ts'
import { createFittedWorkflow, type FittedWorkflow } from './fitted-workflow.ts'
import { groupSessions } from './group-sessions.ts'
import { jsonPieces } from './json-pieces.ts'
import { leftOut, type LeftOut } from './left-out.ts'
import { definitionColumns } from './definition-columns.ts'
import { runStages } from './run-stages.ts'
import { checkedOptions, type CheckedOptions, type PrepareOptions } from './prepare-options.ts'
import { isTrained } from './prepared-split.ts'
import { WORKFLOW } from './prepared-files.ts'
import { withEvents } from './with-events.ts'
import type { Workflow } from './workflow.ts'
import { writeManifest } from './write-manifest.ts'
import { writeSessions, type WrittenSessions } from './write-sessions.ts'
import type { WrittenWindow } from './write-windows.ts'
import { inWritingFolder } from './writing-folder.ts'

export type { PrepareOptions, PrepareProgress } from './prepare-options.ts'

export interface Prepared {
  readonly fitted: FittedWorkflow
  readonly sessions: number
  readonly events: number
  /** Events of the shortest session that was written, and of the longest. */
  readonly lengths: Lengths
  readonly windows: readonly WrittenWindow[]
  readonly eventsRead: number
  readonly leftOut: LeftOut
}

/** Measured on 10 million clicks: a part of this share of the memory is grouped inside it. One that is not is halved. */
const MEMORY_A_BYTE = 3

/**
 * Events to sessions on disk, larger than memory: learns (or takes what was learnt), computes the features, groups them, and writes Parquet files, a row a session and a list a feature.
 *
 * Beside them are the fitted workflow (`workflow.json`), the schema of the sessions with their lengths, as `readSchema` and Merlin's tools read it (`schema.pbtxt`,
 * `.merlin/schema.json`), and what is in the folder, with a digest of each file (`prepared.json`). The folder is written beside and renamed.
 * Where `out` is a symbolic link, its target is written.
 *
 * Throws what `fit` throws, `FILE_UNWRITABLE`, also where another process is writing to `out`, `SCHEMA_INVALID` for a feature without a name, `SESSIONS_TOO_FEW` if none is left, and `OUTPUT_EXISTS` if something else is at `out`.
 */
export async function prepare(
  workflow: Workflow | FittedWorkflow,
  source: EventSource,
  options: PrepareOptions,
): Promise<Prepared> {
  const isGood = 'definition' in (Object(workflow) as object)
  checkGiven('prepare', workflow, { what: 'a workflow, as workflow() makes it', isGood })
  const { definition } = workflow
  const checked = checkedOptions(definition, options)
  if ('states' in workflow) refuseLearning(options)
  return inWritingFolder(options.out, async (folder) => {
    const { files, ...prepared } = await writeFolder(workflow, source, { ...checked, folder })
    const { fitted, lengths } = prepared
    await writeSchema(featureSchema(definition, fitted.states.at(-1)!, lengths), folder)
    await writeManifest(folder, fitted, { ...prepared, files })
    return prepared
  })
}

/** A fitted workflow learns nothing more: what says what to learn from would be ignored. */
function refuseLearning(options: PrepareOptions): void {
  const given = (['extend', 'period', 'learnFrom'] as const).find((name) => options[name] !== undefined)
  if (given !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `prepare: the workflow is fitted and learns nothing more, so ${given} says nothing. Leave it out (on the command line --extend, --learn-until or --learn-from), or give the definition of the workflow.`,
    )
}

/** Takes the events through all that is computed, and writes what was learnt and the sessions. */
function writeFolder(
  workflow: Workflow | FittedWorkflow,
  source: EventSource,
  options: CheckedOptions & { readonly folder: string },
): Promise<Prepared & Pick<WrittenSessions, 'files'>> {
  const { definition } = workflow
  const { folder, memoryLimit, learnFrom, minEvents, slice, split, extend, period, onProgress } = options
  onProgress?.({ phase: 'read', done: 0, total: 1 })
  return withEvents(source, definition, { folder, memoryLimit }, async (database) => {
    const [counted] = await database.rows('SELECT count(*) AS events FROM events')
    const eventsRead = Number(counted!['events'])
    const buckets = bucketsFor(eventsRead, definition, memoryLimit)
    onProgress?.({ phase: 'learn', done: 0, total: 1 })
    const states = 'states' in workflow ? workflow.states : undefined
    const staged = await runStages(database, definition, {
      // A workflow that was fitted on other events is served to these.
      training: states === undefined,
      buckets,
      ...(states !== undefined && { states }),
      ...(split !== undefined &&
        learnFrom === 'training' && { trainedSessions: (name) => isTrained(split, name) }),
      ...(extend !== undefined && { previous: extend.states }),
      ...(period !== undefined && { period }),
    })
    onProgress?.({ phase: 'group', done: 0, total: buckets })
    const fitted = 'states' in workflow ? workflow : createFittedWorkflow(definition, staged.states)
    const counts = await groupSessions(database, definition, staged, {
      minEvents,
      buckets,
      ...(slice !== undefined && { slice }),
      ...(split !== undefined && { split }),
      onBucket: (done) => onProgress?.({ phase: 'group', done, total: buckets }),
      // Large vocabularies take a while to spell, which the engine does not wait for.
      meanwhile: () => writeFile(join(folder, WORKFLOW), jsonPieces(fitted.toJSON())),
    })
    const written = await writeSessions(database, definition, options)
    return { fitted, ...written, eventsRead, leftOut: leftOut(eventsRead, counts, written) }
  })
}

function bucketsFor(events: number, definition: Definition, memoryLimit: number): number {
  const width = 8 * (Object.keys(featureTypes(definition)).length + definitionColumns(definition).length + 2)
  return Math.min(4096, Math.max(1, Math.ceil((events * width * MEMORY_A_BYTE) / memoryLimit)))
}
