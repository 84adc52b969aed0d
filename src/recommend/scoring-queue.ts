import { Worker } from 'node:worker_threads'
import { EnsuiteError } from '../errors.ts'
import type { ScoreRequest, ScoreResult, WorkerMessage, WorkerSetup } from './messages.ts'

/** Scores sessions in a worker. Calls that come while one batch is being scored form the next one. */
export interface ScoringQueue {
  score(request: ScoreRequest): Promise<ScoreResult>
  close(): Promise<void>
}

interface Waiting {
  readonly request: ScoreRequest
  readonly resolve: (result: ScoreResult) => void
  readonly reject: (error: EnsuiteError) => void
}

interface Running {
  readonly worker: Worker
  /** Ends when the worker can score, or with the reason why it cannot. */
  readonly opened: Promise<void>
  ready: boolean
  /** The batch that the worker has. */
  batch: readonly Waiting[]
}

/** Sessions scored at once: the scores take 4 · 64 · items bytes. */
const MOST = 64

/** From the sources (tests), the worker is the built one: Node runs no TypeScript. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/recommend/worker.js' : './worker.js',
  import.meta.url,
)

/** Starts the worker and waits until it can score. `onBatch` is told the size of each batch. */
export async function createScoringQueue(
  setup: WorkerSetup,
  onBatch?: (sessions: number) => void,
): Promise<ScoringQueue> {
  const queue: Waiting[] = []
  let running: Running | undefined
  let closed = false

  const settle = (batch: readonly Waiting[], error: EnsuiteError): void => {
    for (const { reject } of batch) reject(error)
  }
  const start = (): Running => {
    const worker = new Worker(WORKER, { workerData: setup })
    let [opened, refused] = [(): void => undefined, (_: EnsuiteError): void => undefined]
    const started: Running = {
      worker,
      opened: new Promise((resolve, reject) => ([opened, refused] = [resolve, reject])),
      ready: false,
      batch: [],
    }
    // Whoever waits in the queue is told; nobody need wait for the opening itself.
    started.opened.catch(() => undefined)
    /** One that never became ready fails all who wait for it; one that dies later fails its batch, and the next call starts another. */
    const die = (error: EnsuiteError): void => {
      refused(error)
      settle([...started.batch, ...(started.ready ? [] : queue.splice(0))], error)
      started.batch = []
      if (running === started) running = undefined
      void worker.terminate()
      pump()
    }
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') {
        started.ready = true
        opened()
      } else if (message.kind === 'scored') {
        for (const [at, { resolve }] of started.batch.entries()) resolve(message.results[at]!)
        started.batch = []
      } else if (started.ready) {
        settle(started.batch, new EnsuiteError('RUNTIME_FAILED', message.message))
        started.batch = []
      } else
        die(
          new EnsuiteError(
            'ARTIFACT_INVALID',
            `The recommendation graph cannot be opened: ${message.message}`,
          ),
        )
      pump()
    })
    worker.on('error', (cause) =>
      die(
        new EnsuiteError(
          'RUNTIME_FAILED',
          `The scoring worker died: ${cause.message}. The next call starts another.`,
          { cause },
        ),
      ),
    )
    worker.on('exit', (code) =>
      die(
        new EnsuiteError(
          'RUNTIME_FAILED',
          `The scoring worker ended with code ${code}. The next call starts another.`,
        ),
      ),
    )
    return started
  }
  const pump = (): void => {
    if (closed || (queue.length === 0 && running === undefined)) return
    running ??= start()
    const busy = running.batch.length > 0 || !running.ready
    if (!busy && queue.length > 0) {
      running.batch = queue.splice(0, MOST)
      onBatch?.(running.batch.length)
      running.worker.postMessage(running.batch.map(({ request }) => request))
    }
    // The worker keeps the process alive only while somebody waits for it.
    if (running.batch.length > 0 || queue.length > 0 || !running.ready) running.worker.ref()
    else running.worker.unref()
  }

  running = start()
  await running.opened
  pump()

  return {
    score: (request) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new EnsuiteError('CLOSED', 'This recommender has been closed. Load it again.'))
          return
        }
        queue.push({ request, resolve, reject })
        pump()
      }),
    close: async () => {
      closed = true
      const open = [...queue.splice(0), ...(running?.batch ?? [])]
      for (const { reject } of open)
        reject(new EnsuiteError('CLOSED', 'The recommender was closed before it answered.'))
      const worker = running?.worker
      running = undefined
      await worker?.terminate()
    },
  }
}
