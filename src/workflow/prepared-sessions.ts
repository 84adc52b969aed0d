import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { ListChunk } from '../events/list-columns.ts'
import { identifier } from '../events/sql.ts'
import { shown } from '../expressions/index.ts'
import { checkOptions, checkPath } from '../options.ts'
import type { Definition } from './definition.ts'
import { featureTypes } from './feature-types.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import type { LoadOptions } from './fitted-workflow-from-json.ts'
import { countLater, type EventsAfter } from './count-later.ts'
import { checkFeatures } from './check-features.ts'
import { checkPartFiles } from './check-part-files.ts'
import { joinedChunks } from './joined-chunks.ts'
import type { ModelInputs } from './model-inputs.ts'
import { parquetSql } from './parquet-sql.ts'
import { manifestDigest } from './prepared-manifest.ts'
import { isSessions } from './prepared-files.ts'
import { openSource } from './prepared-source.ts'
import { readFitted } from './read-fitted.ts'
import { manifestDefinition, readManifest } from './read-manifest.ts'
import { checkPadding, paddedSessions, type PaddedSessions, type PaddingOptions } from './read-padded.ts'
import { readPreparedSessions } from './read-prepared-sessions.ts'
import { listSql } from './read-sessions.ts'
import {
  checkReadOptions,
  readSessionValues,
  type ReadOptions,
  type SessionValues,
} from './read-session-values.ts'
import { chosenParts, type PreparedPart, type Selection } from './select-parts.ts'
import type { SessionSource } from './session-source.ts'
import type { Sessions } from './sessions.ts'
import { verifiedFiles } from './verified-files.ts'
import { verifiedReading } from './verified-reading.ts'

/** A folder that `prepare` wrote, open for reading. */
export interface PreparedFolder {
  /** Of all that is in it: equal for equal folders. */
  readonly digest: string
  readonly definition: Definition
  /** What a model needs to know of the features: `model(prepared.schema, …)`. */
  readonly schema: ModelInputs
  /** What was learnt, to encode live sessions with or to save beside a model. Its vocabularies may be large, and no reading needs them: they are read at each call. */
  fitted(): Promise<FittedWorkflow>
  /** Its files, by window and part; of a folder that is not divided the one file is part `all` of window 0. */
  readonly parts: readonly PreparedPart[]
  /** Sessions of some parts as a model reads them, in memory: to validate and test on, or to train on where they fit. With their times where there are any. */
  sessions(selection?: Selection): Promise<Sessions>
  /** Sessions of some parts to train on, read again in each epoch: they may be more than memory holds. */
  source(selection?: Selection): Promise<SessionSource>
  /**
   * How many events some parts hold, and how many of these are later than a time (milliseconds since 1970), without reading them into memory.
   * Throws `OPTION_INVALID` where the workflow names no time.
   */
  eventsAfter(time: number, selection?: Selection): Promise<EventsAfter>
  /** Streams sessions of some files: ragged lists of the features named, some thousand sessions at a time, in the order of the files. */
  stream(
    files: readonly string[],
    features: readonly string[],
    visit: (chunk: ListChunk) => void | Promise<void>,
  ): Promise<void>
  /** All sessions of some files in memory, as ragged lists of the features named, and beside them what is asked for. */
  read(
    files: readonly string[],
    features: readonly string[],
    options?: ReadOptions,
  ): Promise<ListChunk & SessionValues>
  /** All sessions of some files in memory, as rows of one length: of longer sessions the latest events, shorter ones padded. */
  readPadded(
    files: readonly string[],
    features: readonly string[],
    options: PaddingOptions & ReadOptions,
  ): Promise<PaddedSessions & SessionValues>
}

/**
 * Opens a prepared folder: every file must be there in its size, and those beside the sessions be the ones that were written. A file of sessions is held
 * against its digest before it is read for the first time, and again where it changed since.
 *
 * Throws, as each reading does, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `ARTIFACT_INVALID`, `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or
 * `FUNCTION_MISSING` where the workflow calls a function that is not given.
 */
export async function openPrepared(folder: string, options: LoadOptions = {}): Promise<PreparedFolder> {
  checkPath('openPrepared', folder)
  checkOptions('openPrepared', options, ['functions'])
  const manifest = await readManifest(folder)
  const verified = verifiedFiles(folder, manifest.files)
  await verified.present()
  await verified.verify(manifest.files.filter((file) => !isSessions(file)))
  const definition = manifestDefinition(folder, manifest, options)
  const types = featureTypes({ ...definition, context: {} })
  const contextTypes = featureTypes({ ...definition, features: {} })
  const parts = manifest.files
    .filter(isSessions)
    .map(({ path, window, part }): PreparedPart => ({ file: join(folder, path), window, part }))
  const own = new Set(parts.map(({ file }) => file))
  const reading = verifiedReading(folder, manifest.files, verified)
  const stream: PreparedFolder['stream'] = async (files, features, visit) => {
    checkPartFiles(files, folder, own)
    checkFeatures(features, types)
    if (typeof visit !== 'function')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `stream expects a function that is given each chunk, received ${shown(visit)}.`,
      )
    const lists = features.map((name) => listSql(identifier(name), definition.features[name]!))
    let thrown: { readonly cause: unknown } | undefined
    const visiting = async (chunk: ListChunk): Promise<void> => {
      try {
        await visit(chunk)
      } catch (cause) {
        thrown = { cause }
        throw cause
      }
    }
    await reading(files, (database) =>
      database.lists(`SELECT ${lists.join(', ')} FROM ${parquetSql(files)}`, visiting),
    ).catch((cause: unknown) => {
      // What the caller throws says nothing about the files.
      throw thrown === undefined ? cause : thrown.cause
    })
  }
  const chunksOf = async (files: readonly string[], features: readonly string[]): Promise<ListChunk[]> => {
    const chunks: ListChunk[] = []
    await stream(files, features, (chunk) => void chunks.push(chunk))
    return chunks
  }
  const valuesOf = (files: readonly string[], beside: ReadOptions): Promise<SessionValues> =>
    readSessionValues(reading, files, beside)
  return Object.freeze<PreparedFolder>({
    digest: manifestDigest(manifest),
    definition,
    schema: manifest.schema,
    fitted: () => readFitted(folder, manifest, options),
    parts,
    stream,
    sessions: async (selection = {}) =>
      readPreparedSessions(reading, chosenParts(folder, parts, selection), definition),
    eventsAfter: (time, selection = {}) =>
      countLater(reading, chosenParts(folder, parts, selection), { definition, time }),
    source: (selection = {}) => openSource(chosenParts(folder, parts, selection), definition, reading),
    read: async (files, features, beside = {}) => {
      checkReadOptions(beside, contextTypes)
      const lists = joinedChunks(await chunksOf(files, features), features.length)
      return { ...lists, ...(await valuesOf(files, beside)) }
    },
    readPadded: async (files, features, options) => {
      checkPartFiles(files, folder, own)
      checkOptions('readPadded', options, ['length', 'side', 'value', 'ids', 'context'])
      const { ids, context, ...padding } = options
      checkFeatures(features, types)
      const beside = { ...(ids !== undefined && { ids }), ...(context !== undefined && { context }) }
      checkReadOptions(beside, contextTypes)
      checkPadding(
        padding,
        features.map((name) => types[name]!),
      )
      const rows = paddedSessions(await chunksOf(files, features), features.length, padding)
      return { ...rows, ...(await valuesOf(files, beside)) }
    },
  })
}
