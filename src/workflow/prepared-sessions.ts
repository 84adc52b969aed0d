import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { type Database, withDatabase } from '../events/database.ts'
import type { ListChunk } from '../events/list-columns.ts'
import { filePattern, identifier, literals } from '../events/sql.ts'
import { checkOptions } from '../options.ts'
import { featureTypes } from './feature-types.ts'
import { findPrepared, type PreparedPart } from './find-prepared.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { fittedWorkflowFromJson, type LoadOptions } from './fitted-workflow-from-json.ts'
import { joinedChunks } from './joined-chunks.ts'
import { openSource } from './prepared-source.ts'
import { checkPadding, paddedSessions, type PaddedSessions, type PaddingOptions } from './read-padded.ts'
import { inputColumns, listSql, sessionsOf } from './read-sessions.ts'
import { chosenParts, type Selection } from './select-parts.ts'
import type { SessionSource } from './session-source.ts'
import type { Sessions } from './sessions.ts'

/** A folder that `prepare` wrote, open for reading. */
export interface PreparedFolder {
  readonly fitted: FittedWorkflow
  /** Its files, by window and part; of a folder that is not divided the one file is part `all` of window 0. */
  readonly parts: readonly PreparedPart[]
  /** Sessions of some parts as a model reads them, in memory: to validate and test on, or to train on where they fit. */
  sessions(selection?: Selection): Promise<Sessions>
  /** Sessions of some parts to train on, read again in each epoch: they may be more than memory holds. */
  source(selection?: Selection): Promise<SessionSource>
  /** Streams sessions of some files: ragged lists of the features named, some thousand sessions at a time, in the order of the files. */
  stream(
    files: readonly string[],
    features: readonly string[],
    visit: (chunk: ListChunk) => void | Promise<void>,
  ): Promise<void>
  /** All sessions of some files in memory, as ragged lists of the features named. */
  read(files: readonly string[], features: readonly string[]): Promise<ListChunk>
  /** All sessions of some files in memory, as rows of one length: of longer sessions the latest events, shorter ones padded. */
  readPadded(
    files: readonly string[],
    features: readonly string[],
    options: PaddingOptions,
  ): Promise<PaddedSessions>
}

/** Opens a prepared folder. Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `ARTIFACT_INVALID` or `ARTIFACT_TOO_NEW`. */
export async function openPrepared(folder: string, options: LoadOptions = {}): Promise<PreparedFolder> {
  const text = await readFile(join(folder, 'workflow.json'), 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `${folder} holds no workflow.json. Give a folder that prepare wrote, or prepare the events first.`,
      { cause },
    )
  })
  const fitted = fittedWorkflowFromJson(parsed(folder, text), options)
  const { definition } = fitted
  const types = featureTypes({ ...definition, context: {} })
  const parts = await findPrepared(folder)
  const reading = <Result>(
    files: readonly string[],
    body: (database: Database) => Promise<Result>,
  ): Promise<Result> =>
    withDatabase(files, body).catch((cause: unknown) => {
      if (cause instanceof EnsuiteError) throw cause
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${folder} cannot be read: ${(cause as Error).message.split('\n')[0]!}. Prepare it again.`,
        { cause },
      )
    })
  const stream: PreparedFolder['stream'] = async (files, features, visit) => {
    checkFeatures(features, types)
    const strange = files.find((file) => !parts.some((part) => part.file === file))
    if (strange !== undefined)
      throw new EnsuiteError('FILE_NOT_FOUND', `${strange} is no file of ${folder}. Take one of its parts.`)
    const lists = features.map((name) => listSql(identifier(name), definition.features[name]!))
    await reading(files, (database) =>
      database.lists(`SELECT ${lists.join(', ')} FROM ${parquet(files)}`, visit),
    )
  }
  const chunksOf = async (files: readonly string[], features: readonly string[]): Promise<ListChunk[]> => {
    const chunks: ListChunk[] = []
    await stream(files, features, (chunk) => void chunks.push(chunk))
    return chunks
  }
  return Object.freeze<PreparedFolder>({
    fitted,
    parts,
    stream,
    sessions: async (selection = {}) => {
      const files = chosenParts(folder, parts, selection)
      const { names, lists } = inputColumns(definition)
      return reading(files, async (database) => {
        const chunks: ListChunk[] = []
        await database.lists(
          `SELECT ${lists.join(', ')} FROM ${parquet(files)}`,
          (chunk) => void chunks.push(chunk),
        )
        const ids = await database.rows(`SELECT session FROM ${parquet(files)}`)
        return sessionsOf(
          definition,
          names,
          joinedChunks(chunks, names.length),
          ids.map(({ session }) => session!),
        )
      })
    },
    source: (selection = {}) => openSource(chosenParts(folder, parts, selection), definition, reading),
    read: async (files, features) => joinedChunks(await chunksOf(files, features), features.length),
    readPadded: async (files, features, padding) => {
      checkFeatures(features, types)
      checkPadding(
        padding,
        features.map((name) => types[name]!),
      )
      return paddedSessions(await chunksOf(files, features), features.length, padding)
    },
  })
}

/** What `SELECT … FROM` takes, in the order of the files. */
export const parquet = (files: readonly string[]): string =>
  `read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false)`

function checkFeatures(features: readonly string[], types: Readonly<Record<string, string>>): void {
  checkOptions('features', Object.fromEntries(features.map((name) => [name, true])), Object.keys(types))
  const other = features.find((name) => types[name] === 'text')
  if (features.length > 0 && other === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    other === undefined
      ? `One feature or more is expected, received none. There are ${Object.keys(types).join(', ')}.`
      : `Feature '${other}' holds text; codes and numbers can be read. Categorify it in the workflow.`,
  )
}

function parsed(folder: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `${join(folder, 'workflow.json')} is no JSON. Prepare the folder again.`,
      { cause },
    )
  }
}
