import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { Definition } from './definition.ts'
import { loadedDefinition, type LoadOptions } from './fitted-workflow-from-json.ts'
import { WORKFLOW } from './prepared-files.ts'
import { decodeManifest, MANIFEST, type PreparedManifest } from './prepared-manifest.ts'
import { altered } from './verified-files.ts'

/** The manifest of a prepared folder. Throws `FILE_NOT_FOUND` if it is none, and what `decodeManifest` throws. */
export async function readManifest(folder: string): Promise<PreparedManifest> {
  const path = join(folder, MANIFEST)
  try {
    // A pipe would be waited for.
    if (!(await stat(path)).isFile()) throw new Error('it is no plain file')
    return decodeManifest(await readFile(path, 'utf8'), path)
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${path} cannot be read: ${message}. Check its permissions, or prepare the folder again.`,
        { cause },
      )
    if (await lostManifest(folder))
      throw new EnsuiteError(
        'ARTIFACT_INVALID',
        `${folder} holds what prepare wrote, but no ${MANIFEST}, which says what is in it. Copy the folder again from where it was prepared, or prepare it again.`,
        { cause },
      )
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `${folder} holds no ${MANIFEST}. Give a folder that prepare wrote, or prepare the events first.`,
      { cause },
    )
  }
}

/** The definition that a manifest holds, checked as a workflow that is loaded. */
export function manifestDefinition(
  folder: string,
  { definition }: PreparedManifest,
  options: LoadOptions,
): Definition {
  try {
    return loadedDefinition(definition, options)
  } catch (cause) {
    if (cause instanceof EnsuiteError && cause.code !== 'ARTIFACT_INVALID') throw cause
    throw altered(folder, MANIFEST, (cause as Error).message.replace(/[.]$/, ''), cause)
  }
}

/** Whether this is a folder that `prepare` wrote, or was one before it lost some of its files. */
export async function isPreparedFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.includes(MANIFEST) || (await lostManifest(folder))
}

/** A workflow beside a schema or sessions: a config that lies beside raw events has neither. */
async function lostManifest(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => [])
  return (
    names.includes(WORKFLOW) &&
    names.some((name) =>
      /^(schema\.pbtxt|sessions\.parquet|train\.parquet|sessions_by_(day|hour))$/.test(name),
    )
  )
}
