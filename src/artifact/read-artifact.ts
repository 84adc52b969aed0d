import { lstat, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import { type Artifact, artifactFromFiles } from './artifact.ts'
import { MANIFEST, MANIFEST_LIMIT } from './manifest.ts'
import { verifiedManifest } from './manifest-digest.ts'
import { readRegularFile } from './read-regular-file.ts'
import { recoverFolder } from './replace-folder.ts'
import { sha256 } from './sha256.ts'
import { whileUnmoved } from './while-unmoved.ts'

/**
 * Reads an artifact: every file is checked against the manifest, nothing outside the folder is read, nothing in it is run.
 *
 * Where a run that was saving died before it put the new folder in place, the old one is put back first.
 * `functions`: what its workflow's `javascript` nodes call.
 * Throws `FUNCTION_MISSING`, `FILE_NOT_FOUND`, `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which file and why.
 */
export async function readArtifact(
  folder: string,
  options: { readonly functions?: Functions } = {},
): Promise<Artifact> {
  checkOptions('readArtifact', options, ['functions'])
  const path = resolve(folder)
  return whileUnmoved(path, async () => {
    await recoverFolder(path)
    await checkFolder(path)
    const manifest = await readRegularFile(path, MANIFEST, { limit: MANIFEST_LIMIT })
    const files = new Map([[MANIFEST, manifest]])
    for (const [name, { bytes }] of Object.entries((await verifiedManifest(manifest, sha256)).manifest.files))
      files.set(name, await readRegularFile(path, name, { limit: bytes }))
    return artifactFromFiles(files, { sha256, ...options })
  })
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
}
