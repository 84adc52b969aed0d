import { lstat, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { checkOptions, checkPath } from '../options.ts'
import { checkContents, checkCreatedAt } from './check-contents.ts'
import { encodeArtifact, type ArtifactContents } from './encode-artifact.ts'
import { decodeManifest, MANIFEST, MANIFEST_LIMIT } from './manifest.ts'
import { packageVersion } from './package-version.ts'
import { readRegularFile } from './read-regular-file.ts'
import { replaceFolder, type ReplaceOptions } from './replace-folder.ts'
import { sha256 } from './sha256.ts'
import { whileUnmoved } from './while-unmoved.ts'
import { writeFlushed } from './write-whole.ts'

export interface SaveOptions {
  /** The time to write into the manifest. */
  readonly createdAt: Date
  /** For tests, see `ReplaceOptions`. */
  readonly onStep?: NonNullable<ReplaceOptions['onStep']>
}

/**
 * Saves a trained model as a folder. An artifact that is there already is replaced: a reader finds the old one or the new one, whole,
 * also after a crash at any point. Anything else that is there stays as it is. A model without an item head is saved, too: its recommender gives predictions and no items.
 *
 * Throws `OUTPUT_EXISTS` where the path holds anything but an artifact or an empty folder, `SHAPE_MISMATCH` and `TRAINING_DIVERGED` for weights that
 * are not the model's or not finite, `OPTION_INVALID` for a workflow of other vocabularies than the model's, and `OPTION_INVALID` and `OPTION_UNKNOWN` for contents that are none.
 */
export async function saveArtifact(
  folder: string,
  contents: ArtifactContents,
  options: SaveOptions,
): Promise<void> {
  checkOptions('saveArtifact', options, ['createdAt', 'onStep'])
  const { createdAt } = options
  checkCreatedAt(createdAt)
  checkContents(contents)
  // Before the work, and again before the exchange.
  await checkReplaceable(folder)
  const files = encodeArtifact(contents, { createdAt, packageVersion: packageVersion(), sha256 })
  await replaceArtifact(folder, files, options)
}

/** Puts the files of an artifact at a place, whole. Throws `OUTPUT_EXISTS` and `FILE_UNWRITABLE`. */
export async function replaceArtifact(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  { onStep }: Pick<SaveOptions, 'onStep'>,
): Promise<void> {
  const path = resolve(folder)
  try {
    await replaceFolder(path, {
      check: () => checkReplaceable(path),
      write: async (partial) => {
        for (const [name, bytes] of files) await writeFlushed(join(partial, name), bytes)
      },
      ...(onStep && { onStep }),
    })
  } catch (cause) {
    if (cause instanceof EnsuiteError || (cause as NodeJS.ErrnoException).code === undefined) throw cause
    throw new EnsuiteError(
      'FILE_UNWRITABLE',
      `The artifact cannot be written to ${path}: ${(cause as Error).message}. What was there before is unchanged. Free space or choose another folder.`,
      { cause },
    )
  }
}

/** Throws `OUTPUT_EXISTS` unless nothing is at the path, an empty folder, or an artifact and nothing beside its own files. */
export async function checkReplaceable(folder: string): Promise<void> {
  checkPath('The place of an artifact', folder)
  const path = resolve(folder)
  await whileUnmoved(path, () => checkOnce(path))
}

async function checkOnce(path: string): Promise<void> {
  const exists = (why: string): EnsuiteError =>
    new EnsuiteError(
      'OUTPUT_EXISTS',
      `${path} ${why}, and is left as it is. Choose another folder, or move it away.`,
    )
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isDirectory()) throw exists(found.isSymbolicLink() ? 'is a symbolic link' : 'is a file')
  if ((await readdir(path)).length === 0) return
  let known: readonly string[]
  try {
    const manifest = decodeManifest(await readRegularFile(path, MANIFEST, { limit: MANIFEST_LIMIT }))
    known = [MANIFEST, ...Object.keys(manifest.files)]
  } catch (error) {
    throw exists(`is a folder that is no artifact of this version (${(error as Error).message})`)
  }
  const other = (await readdir(path)).find((name) => !known.includes(name))
  if (other !== undefined) throw exists(`is an artifact that also holds '${other}'`)
}
