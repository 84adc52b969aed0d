import type { Worker } from 'node:worker_threads'
import { modelFromDescription, readAnyArtifact, servedOf, type AnyArtifact } from '../artifact/index.ts'
import type { Functions } from '../expressions/index.ts'
import { emit, type RuntimeOptions } from '../graph/index.ts'
import { checkBoolean, checkNumber, checkOptions, checkPath } from '../options.ts'
import { createAddedItems } from './added-items.ts'
import { baselineFiles } from './baseline-engine.ts'
import { batchScorer } from './batch-scorer.ts'
import { createRecommender } from './create-recommender.ts'
import type { Recommender } from './recommender.ts'
import { type RunningWorker, startWorker } from './start-worker.ts'
import type { WorkerStart } from './worker-messages.ts'

/** `threads`: inside an operator, all cores by default. `device`: where the graph runs, `cpu` by default. A baseline has no graph: its worker is one thread on the CPU whatever these say. */
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
 * Loads the artifact in `folder`, of a model or of a baseline, which is all it needs, and starts the worker thread that scores, so that the caller's event loop stays
 * free. It does not keep the process alive while nothing is asked of it. A baseline is fitted in that thread on the sessions of its artifact, which takes what fitting takes: `ease` inverts a matrix
 * of items × items.
 *
 * Throws what `readArtifact` throws of what is damaged, `DEVICE_UNAVAILABLE`, `OPTION_UNKNOWN` and `OPTION_INVALID`.
 */
export function loadRecommender(folder: string, options: LoadOptions = {}): Promise<Recommender> {
  return loadWith(folder, options, {})
}

/** As `loadRecommender`. */
export async function loadWith(folder: string, options: LoadOptions, seams: LoadSeams): Promise<Recommender> {
  checkPath('loadRecommender', folder)
  checkOptions('loadRecommender', options, ['threads', 'device', 'functions', 'background'])
  const { functions, background = false, ...runtime } = options
  checkBoolean('loadRecommender: background', background)
  if (options.threads !== undefined)
    checkNumber('loadRecommender: threads', options.threads, { integer: true, min: 1, max: 1024 })
  const artifact = await readAnyArtifact(folder, functions && { functions })
  const { workflow } = artifact
  const served = servedOf(artifact)
  const start = { files: filesOf(artifact), served, runtime, background }
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
    maxLength: 'baseline' in artifact ? ALL_EVENTS : artifact.manifest.model.maxLength,
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

/** A baseline reads whole sessions, as where it is measured. */
const ALL_EVENTS = Number.MAX_SAFE_INTEGER

function filesOf(artifact: AnyArtifact): WorkerStart['files'] {
  if ('baseline' in artifact) return { kind: 'baseline', baseline: baselineFiles(artifact) }
  const { items } = modelFromDescription(artifact.manifest.model).embeddings()
  return {
    kind: 'model',
    onnx: artifact.recommendOnnx,
    ...(artifact.newItemsOnnx && { newItemsOnnx: artifact.newItemsOnnx }),
    // Without its parameters, which the worker has.
    ...(items && { itemsOnnx: emit(items).bytes }),
  }
}

/** The worker lies beside this file. Run from the sources, the built one is used: a thread of Node 20 cannot start from TypeScript. */
function workerUrl(here: string): URL {
  return new URL(here.endsWith('.ts') ? '../../dist/recommend/worker.js' : './worker.js', here)
}
