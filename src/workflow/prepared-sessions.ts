import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { withDatabase } from '../events/database.ts'
import type { ListChunk, ListValues } from '../events/list-columns.ts'
import { filePattern, identifier, literals } from '../events/sql.ts'
import { checkOptions } from '../options.ts'
import { featureTypes } from './feature-types.ts'
import { featureWorkflowFromJson, type FittedFeatureWorkflow } from './feature-workflow.ts'
import { findPrepared, type PreparedPart } from './find-prepared.ts'

/** A folder that `prepare` wrote, open for reading. */
export interface PreparedFolder {
  readonly fitted: FittedFeatureWorkflow
  /** Its files, by window and part; of a folder without windows the one file is part `all` of window 0. */
  readonly parts: readonly PreparedPart[]
  /** Streams sessions of some files: ragged lists of the features named, some thousand sessions at a time, in the order of the files. */
  stream(
    files: readonly string[],
    features: readonly string[],
    visit: (chunk: ListChunk) => void | Promise<void>,
  ): Promise<void>
  /** All sessions of some files in memory. */
  read(files: readonly string[], features: readonly string[]): Promise<ListChunk>
}

/** Opens a prepared folder. Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `ARTIFACT_INVALID` or `ARTIFACT_TOO_NEW`. */
export async function openPrepared(folder: string): Promise<PreparedFolder> {
  const text = await readFile(join(folder, 'workflow.json'), 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `${folder} holds no workflow.json. Give a folder that prepare wrote, or prepare the events first.`,
      { cause },
    )
  })
  const fitted = featureWorkflowFromJson(parsed(folder, text))
  const types = featureTypes(fitted.definition)
  const parts = await findPrepared(folder)
  const stream: PreparedFolder['stream'] = async (files, features, visit) => {
    checkFeatures(features, types)
    const strange = files.find((file) => !parts.some((part) => part.file === file))
    if (strange !== undefined)
      throw new EnsuiteError('FILE_NOT_FOUND', `${strange} is no file of ${folder}. Take one of its parts.`)
    await withDatabase(files, (database) =>
      database.lists(
        `SELECT ${features.map(identifier).join(', ')} FROM read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false)`,
        visit,
      ),
    ).catch((cause: unknown) => {
      if (cause instanceof EnsuiteError) throw cause
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${folder} cannot be read: ${(cause as Error).message.split('\n')[0]!}. Prepare it again.`,
        { cause },
      )
    })
  }
  return Object.freeze<PreparedFolder>({
    fitted,
    parts,
    stream,
    read: async (files, features) => {
      const chunks: ListChunk[] = []
      await stream(files, features, (chunk) => void chunks.push(chunk))
      return joined(chunks, features.length)
    },
  })
}

function joined(chunks: readonly ListChunk[], columns: number): ListChunk {
  const rows = chunks.reduce((all, chunk) => all + chunk.rows, 0)
  const offsets = new Int32Array(rows + 1)
  let row = 0
  for (const chunk of chunks) {
    const start = offsets[row]!
    for (let at = 1; at <= chunk.rows; at++) offsets[row + at] = start + chunk.offsets[at]!
    row += chunk.rows
  }
  const values = Array.from({ length: columns }, (_, column) => {
    const first = chunks[0]?.values[column] ?? new Float32Array(0)
    const all = new (first.constructor as new (length: number) => ListValues)(offsets[rows]!)
    let at = 0
    for (const chunk of chunks) {
      all.set(chunk.values[column]!, at)
      at += chunk.values[column]!.length
    }
    return all
  })
  return { rows, offsets, values }
}

function checkFeatures(features: readonly string[], types: Readonly<Record<string, string>>): void {
  checkOptions('features', Object.fromEntries(features.map((name) => [name, true])), Object.keys(types))
  const other = features.find((name) => types[name] === 'text' || types[name] === 'boolean')
  if (features.length > 0 && other === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    other === undefined
      ? `One feature or more is expected, received none. There are ${Object.keys(types).join(', ')}.`
      : `Feature '${other}' holds ${types[other]!}; codes and numbers can be read. Categorify it in the workflow.`,
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
