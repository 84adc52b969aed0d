import { lstat, readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import { checkOptions, checkPath } from '../options.ts'
import { type Artifact, artifactFromFiles } from './artifact.ts'
import { artifactFiles, baselineFiles, MANIFEST, MANIFEST_LIMIT } from './manifest.ts'
import { verifiedManifest } from './manifest-digest.ts'
import type { ArtifactFiles } from './checked-files.ts'
import { readRegularFile } from './read-regular-file.ts'
import { recoverFolder } from './replace-folder.ts'
import {
  anyArtifactFromFiles,
  baselineFromFiles,
  type AnyArtifact,
  type SavedBaseline,
} from './saved-baseline.ts'
import { sha256 } from './sha256.ts'
import { whileUnmoved } from './while-unmoved.ts'

interface ReadOptions {
  readonly functions?: Functions
}

/**
 * Reads the artifact of a model: every file is checked against the manifest, nothing outside the folder is read, nothing in it is run.
 *
 * Where a run that was saving died before it put the new folder in place, the old one is put back first.
 * `functions`: what its workflow's `javascript` nodes call.
 * Throws `FUNCTION_MISSING`, `FILE_NOT_FOUND`, `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which file and why, and `OPTION_INVALID` for that of a baseline.
 */
export async function readArtifact(folder: string, options: ReadOptions = {}): Promise<Artifact> {
  checkPath('readArtifact', folder)
  checkOptions('readArtifact', options, ['functions'])
  return reading(folder, (files) => artifactFromFiles(files, { sha256, ...options }))
}

/** Reads the artifact of a baseline, as `readArtifact` that of a model. Throws what it throws, and `OPTION_INVALID` for that of a model. */
export async function readBaseline(folder: string, options: ReadOptions = {}): Promise<SavedBaseline> {
  checkPath('readBaseline', folder)
  checkOptions('readBaseline', options, ['functions'])
  return reading(folder, (files) => baselineFromFiles(files, { sha256, ...options }))
}

/** Reads the artifact of either. Throws what `readArtifact` throws of one that is damaged. */
export const readAnyArtifact = (folder: string, options: ReadOptions = {}): Promise<AnyArtifact> =>
  reading(folder, (files) => anyArtifactFromFiles(files, { sha256, ...options }))

async function reading<Read>(folder: string, read: (files: ArtifactFiles) => Promise<Read>): Promise<Read> {
  const path = resolve(folder)
  return whileUnmoved(path, async () => read(await filesOf(path)))
}

/** The files that an artifact consists of, by name, as `artifactFromFiles` takes them, and checks them. Throws as `readArtifact` does. */
export function readArtifactFiles(folder: string): Promise<ArtifactFiles> {
  const path = resolve(folder)
  return whileUnmoved(path, () => filesOf(path))
}

async function filesOf(path: string): Promise<ArtifactFiles> {
  await recoverFolder(path)
  await checkFolder(path)
  const manifest = await readRegularFile(path, MANIFEST, { limit: MANIFEST_LIMIT })
  const files = new Map([[MANIFEST, manifest]])
  for (const [name, { bytes }] of Object.entries((await verifiedManifest(manifest, sha256)).files))
    files.set(name, await readRegularFile(path, name, { limit: bytes }))
  return files
}

async function checkFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) {
    const dangling = await lstat(path).then(
      () => ' (it is a symbolic link to nowhere)',
      () => '',
    )
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `No artifact is at ${path}${dangling}. Give the folder that training wrote.`,
    )
  }
  if (!found.isDirectory())
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `An artifact is a folder, and ${path} is a file. Give the folder that training wrote.`,
    )
  const names = await readdir(path).catch(() => [MANIFEST])
  if (names.some((name) => OF_ARTIFACTS.includes(name))) return
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    names.includes(PREPARED)
      ? `${path} is no artifact, but a folder that prepare wrote. Train on it, and give the folder that training wrote.`
      : `${path} is no artifact: it holds no ${MANIFEST}, nor anything else of one. Give the folder that training wrote.`,
  )
}

const PREPARED = 'prepared.json'
/** Any of these tells one that was damaged from what never was one; a prepared folder has a workflow, too. */
const OF_ARTIFACTS = [MANIFEST, ...Object.keys({ ...artifactFiles, ...baselineFiles })].filter(
  (name) => name !== 'workflow.json',
)
