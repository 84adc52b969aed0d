import { Worker } from 'node:worker_threads'
import { EnsuiteError } from '../errors.ts'
import type { TensorData } from '../graph/index.ts'
import { sentCandidates } from './sent-candidates.ts'
import type { AskedRow, ScoredRow } from './session-row.ts'
import type { Reply, Request, WorkerStart } from './worker-messages.ts'

/** A worker that has opened the graph. */
export interface RunningWorker {
  /** One call at a time. Rejects with `RUNTIME_FAILED` when the worker dies. */
  score(rows: readonly AskedRow[], added: Float32Array): Promise<readonly ScoredRow[]>
  /** The vectors of new items; as `score`. */
  embed(columns: Readonly<Record<string, TensorData>>): Promise<Float32Array>
  close(): Promise<void>
}

export interface StartOptions {
  readonly url: URL
  /** Called once when the worker is gone, for whatever reason. */
  readonly onExit: () => void
  /** For tests: the thread itself. */
  readonly onThread?: (thread: Worker) => void
  /** A call that takes longer has a worker that hangs: it is given up. Default 30 s, many times what the largest batch takes. */
  readonly longestCallMs?: number
}

/** So long a process that exits waits for a run that is under way. */
const LONGEST_EXIT_MS = 10_000

/** Starts a worker and waits until it is ready. It keeps the process alive only while it works. Rejects with the worker's own error. */
export async function startWorker(
  start: Omit<WorkerStart, 'busy'>,
  options: StartOptions,
): Promise<RunningWorker> {
  const { url, onExit, onThread, longestCallMs = 30_000 } = options
  const busy = new Int32Array(new SharedArrayBuffer(4))
  const workerData: WorkerStart = { ...start, busy }
  // No flags of this process: `--input-type`, which comes with `node -e`, would keep the worker from starting.
  const thread = new Worker(url, { workerData, execArgv: [] })
  onThread?.(thread)
  let waiting:
    { readonly resolve: (reply: Reply) => void; readonly reject: (error: EnsuiteError) => void } | undefined
  let dead: EnsuiteError | undefined
  const died = (why: string, cause?: unknown): void => {
    if (dead !== undefined) return
    dead = new EnsuiteError(
      'RUNTIME_FAILED',
      `The scoring worker ended: ${why}. Calls under way are lost; the next call starts a new worker.`,
      { cause },
    )
    onExit()
    waiting?.reject(dead)
  }
  thread.on('message', (reply: Reply) => waiting?.resolve(reply))
  thread.on('messageerror', (error) => {
    died(error.message, error)
    void thread.terminate()
  })
  thread.on('error', (error) => died(error instanceof Error ? error.message : String(error), error))
  const exited = new Promise<void>((resolve) => {
    thread.on('exit', (code) => {
      died(`it exited with code ${code}`)
      resolve()
    })
  })

  /** Whatever `send` makes the worker do, its next message is the reply; without it, what it says when it has started. */
  const reply = async (send?: () => void): Promise<Reply> => {
    if (dead !== undefined) throw dead
    thread.ref()
    Atomics.store(busy, 0, 1)
    // A process that exits ends its threads, and ONNX Runtime aborts the whole process when that strikes it in a run.
    const finish = (): void => {
      Atomics.wait(busy, 0, 1, LONGEST_EXIT_MS)
    }
    process.once('exit', finish)
    const giveUp = (): void => {
      died(`it did not answer in ${longestCallMs} ms`)
      // What hangs outside of JavaScript cannot be ended, and is left behind.
      void thread.terminate()
    }
    // Opening a large graph takes as long as it takes.
    const watchdog = send && setTimeout(giveUp, longestCallMs)
    try {
      return await new Promise<Reply>((resolve, reject) => {
        waiting = { resolve, reject }
        send?.()
      })
    } finally {
      clearTimeout(watchdog)
      waiting = undefined
      process.off('exit', finish)
      thread.unref()
    }
  }
  const post = (request: Request): void => {
    thread.postMessage(request)
  }
  const opened = await reply()
  if (opened.kind === 'failed') {
    await thread.terminate()
    throw new EnsuiteError(opened.code, opened.message)
  }
  const numbered = sentCandidates()
  return {
    score: async (rows, added) => {
      const answer = await reply(() => post({ kind: 'score', ...numbered(rows), added }))
      if (answer.kind === 'ranked') return answer.ranked
      throw unexpected(answer, 'scores')
    },
    embed: async (columns) => {
      const answer = await reply(() => post({ kind: 'embed', columns }))
      if (answer.kind === 'embedded') return answer.vectors
      throw unexpected(answer, 'vectors')
    },
    close: async () => {
      if (dead !== undefined) return
      thread.ref()
      post({ kind: 'close' })
      await exited
    },
  }
}

const unexpected = (answer: Reply, what: string): EnsuiteError =>
  answer.kind === 'failed'
    ? new EnsuiteError(answer.code, answer.message)
    : new EnsuiteError(
        'RUNTIME_FAILED',
        `The scoring worker answered '${answer.kind}' to a request for ${what}.`,
      )
