import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { WorkerExplainer } from '../explain/index.ts'
import type { Recommender } from '../recommend/index.ts'

/** An artifact that is loaded and answers. */
export interface Deployment {
  readonly folder: string
  /** SHA-256 of its manifest, which names the digest of each of its files. */
  readonly digest: string
  readonly recommender: Recommender
  /** None where the server explains nothing. */
  readonly explainer?: WorkerExplainer
  readonly loadedAt: Date
  /** Answers what was asked before, then frees everything. */
  close(): Promise<void>
}

/** Loads the artifact of a folder: `loadRecommender` with its options. */
export type Load = (folder: string) => Promise<Recommender>

export interface Loading {
  readonly load: Load
  /** An explainer of the artifact of a folder, which needs the folder no more. */
  readonly explain?: ((folder: string) => Promise<WorkerExplainer>) | undefined
}

/** A folder that is replaced while it is read is read again so often at most. */
const MOST_TRIES = 3

/** Loads an artifact and lets it answer once, so that one that cannot is never put in the place of one that can. Throws what loading throws. */
export async function deploy(folder: string, { load, explain }: Loading): Promise<Deployment> {
  for (let tries = 1; ; tries++) {
    const digest = await digestOf(folder)
    const recommender = await load(folder)
    let explainer: WorkerExplainer | undefined
    const close = async (): Promise<void> => {
      await Promise.all([recommender.close(), explainer?.close()])
    }
    try {
      explainer = await explain?.(folder)
      if (tries < MOST_TRIES && (await digestOf(folder)) !== digest) {
        await close()
        continue
      }
      checkServable(recommender)
      await warmUp(recommender)
    } catch (error) {
      await close()
      throw error
    }
    return {
      folder,
      digest: digest ?? '',
      recommender,
      ...(explainer && { explainer }),
      loadedAt: new Date(),
      close,
    }
  }
}

async function digestOf(folder: string): Promise<string | undefined> {
  // Loading says what is wrong with a folder that has none.
  const manifest = await readFile(join(folder, 'manifest.json')).catch(() => undefined)
  return manifest && createHash('sha256').update(manifest).digest('hex')
}

function checkServable({ needsPast }: Recommender): void {
  if (!needsPast) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'The workflow has features that look at other sessions, such as recentCount, and the server keeps sessions apart. Train without them.',
  )
}

async function warmUp(recommender: Recommender): Promise<void> {
  const { items } = await recommender.recommend([])
  const first = items[0]
  if (first === undefined) return
  // The first call makes the vectors of all items: no request is to wait for that.
  if (recommender.items > 0) await recommender.similar({ item: first.item }, { k: 1 })
  await recommender.recommend([{ [recommender.itemColumn]: first.item }]).catch((error: unknown) => {
    // An event of the item alone may lack a column that the workflow needs, which is no fault of the artifact.
    const { code } = error as Partial<EnsuiteError>
    if (code !== 'COLUMN_MISSING' && code !== 'COLUMN_INVALID') throw error
  })
}
