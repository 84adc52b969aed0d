import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type PreparedDataset, prepareDataset, type PrepareProgress, verifyGzip } from '../events/index.ts'
import type { Dataset } from './dataset.ts'
import type { FoundSource } from './find-source.ts'

export const DATASET_FORMAT = 'ensuite-dataset'
const VERSION = 1

export interface SourceFile {
  /** Relative to the folder of the user. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
}

/** Reads the files once: their checksums, and whether gzip is whole. Throws `FILE_UNREADABLE`. */
export async function checkSourceFiles(found: FoundSource, from: string): Promise<readonly SourceFile[]> {
  const checked: SourceFile[] = []
  for (const file of found.files) {
    if (file.toLowerCase().endsWith('.gz')) await verifyGzip(file)
    const { size } = await stat(file)
    checked.push({
      file: relative(resolve(from), file).replaceAll('\\', '/'),
      bytes: size,
      sha256: await fileSha256(file),
    })
  }
  return checked
}

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

export interface PrepareNamedOptions {
  /** An empty folder, which is filled. */
  readonly folder: string
  readonly sources: readonly SourceFile[]
  readonly seed: number
  readonly memoryLimit?: number
  readonly onProgress?: (progress: PrepareProgress) => void
}

/** Prepares what has been found, and writes `dataset.json` beside it. */
export async function prepareFound(
  dataset: Dataset,
  found: FoundSource,
  options: PrepareNamedOptions,
): Promise<PreparedDataset> {
  const { folder, sources, seed, memoryLimit, onProgress } = options
  const prepared = await prepareDataset(found.recipe, {
    folder,
    seed,
    ...(memoryLimit !== undefined && { memoryLimit }),
    ...(onProgress && { onProgress }),
  })
  const { name, title, homepage, licence, preparation } = dataset
  const { rows, sessions, interactions, items, windows, columns } = prepared
  const { layout, missing } = found
  const content = {
    format: DATASET_FORMAT,
    version: VERSION,
    name,
    title,
    homepage,
    licence: { name: licence.name, link: licence.link, mayRedistribute: licence.mayRedistribute },
    sources,
    layout: layout.title,
    missing,
    preparation,
    steps: layout.recipe.steps,
    time:
      layout.recipe.time.kind === 'place'
        ? 'place in the session (the files have no times)'
        : 'milliseconds since 1970-01-01 UTC',
    counts: { rows, sessions, interactions, items, ...(windows && { windows: windows.length }) },
    columns,
    ...(windows && { seed, unit: layout.recipe.windows!.unit, windows }),
  }
  const file = await open(join(folder, 'dataset.json'), 'wx')
  try {
    await file.writeFile(`${JSON.stringify(content, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return prepared
}
