import type { Worker } from 'node:worker_threads'
import { modelFromDescription, readArtifact, servedBy } from '../artifact/index.ts'
import type { Functions } from '../expressions/index.ts'
import { emit, type RuntimeOptions } from '../graph/index.ts'
import { checkBoolean, checkNumber, checkOptions } from '../options.ts'
import { createAddedItems } from './added-items.ts'
import { batchScorer } from './batch-scorer.ts'
import { createRecommender } from './create-recommender.ts'
import type { Recommender } from './recommender.ts'
import { type RunningWorker, startWorker } from './start-worker.ts'

/** `threads`: inside an operator, all cores by default. `device`: where the graph runs, `cpu` by default. */
export interface LoadOptions extends RuntimeOptions {
  /** The functions that the workflow's `javascript` nodes call. */
  readonly functions?: Functions
  /** Whether the caller's thread goes first where both want a core, as a server's that must say no in time to what it cannot score. On Linux; default false. */
  readonly background?: boolean
}

/** What tests look at and exchange. */
export interface LoadSeams {
  readonly workerUrl?: URL
  readonly onBatch?: (sessions: number) => void
  readonly onThread?: (thread: Worker) => void
  readonly longestCallMs?: number
}

/**
 * Loads the artifact in `folder`, which is all it needs, and starts the worker thread that scores, so that the caller's event loop stays
 * free. It does not keep the process alive while nothing is asked of it.
 *
 * Throws what `readArtifact` throws, `DEVICE_UNAVAILABLE`, `OPTION_UNKNOWN` and `OPTION_INVALID`.
 */
export function loadRecommender(folder: string, options: LoadOptions = {}): Promise<Recommender> {
  return loadWith(folder, options, {})
}

/** As `loadRecommender`. */
export async function loadWith(folder: string, options: LoadOptions, seams: LoadSeams): Promise<Recommender> {
  checkOptions('loadRecommender', options, ['threads', 'device', 'functions', 'background'])
  const { functions, background = false, ...runtime } = options
  checkBoolean('loadRecommender: background', background)
  if (options.threads !== undefined)
    checkNumber('loadRecommender: threads', options.threads, { integer: true, min: 1, max: 1024 })
  const { manifest, workflow, recommendOnnx, newItemsOnnx } = await readArtifact(
    folder,
    functions && { functions },
  )
  const { maxLength } = manifest.model
  const served = servedBy(manifest)
  const { items } = modelFromDescription(manifest.model).embeddings()
  const start = {
    onnx: recommendOnnx,
    ...(newItemsOnnx && { newItemsOnnx }),
    // Without its parameters, which the worker has.
    ...(items && { itemsOnnx: emit(items).bytes }),
    served,
    runtime,
    background,
  }
  const added = createAddedItems(served.content?.width ?? 0)
  let worker: Promise<RunningWorker> | undefined
  const ready = (): Promise<RunningWorker> => {
    if (worker !== undefined) return worker
    const forget = (): void => {
      if (worker === started) worker = undefined
    }
    const started: Promise<RunningWorker> = startWorker(start, {
      url: seams.workerUrl ?? workerUrl(import.meta.url),
      ...(seams.onThread && { onThread: seams.onThread }),
      ...(seams.longestCallMs !== undefined && { longestCallMs: seams.longestCallMs }),
      onExit: forget,
    })
    worker = started
    started.catch(forget)
    return started
  }
  const stop = async (): Promise<void> => {
    const running = worker
    worker = undefined
    await (await running)?.close()
  }
  await ready()
  return createRecommender({
    workflow,
    maxLength,
    served,
    added,
    scorer: batchScorer({
      worker: ready,
      added: () => added.vectors,
      stop,
      ...(seams.onBatch && { onBatch: seams.onBatch }),
    }),
  })
}

/** The worker lies beside this file. Run from the sources, the built one is used: a thread of Node 20 cannot start from TypeScript. */
function workerUrl(here: string): URL {
  return new URL(here.endsWith('.ts') ? '../../dist/recommend/worker.js' : './worker.js', here)
}
