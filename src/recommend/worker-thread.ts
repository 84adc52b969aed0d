import { Worker } from 'node:worker_threads'
import { EnsuiteError, type ErrorCode } from '../errors.ts'

/** A thread that answers one request after the other. */
export interface WorkerThread<Request, Reply> {
  /** One call at a time. Rejects with what the worker says went wrong, and with `RUNTIME_FAILED` when it dies. */
  readonly ask: (request: Request) => Promise<Reply>
  /** Tells it to end, and waits until it has. */
  readonly end: () => Promise<void>
}

export interface ThreadOptions {
  readonly url: URL
  /** What the thread is: `scoring`, for messages. */
  readonly name: string
  /** What tells it to end. */
  readonly closing: { readonly kind: 'close' }
  /** Called once when the worker is gone, for whatever reason. */
  readonly onExit: () => void
  /** For tests: the thread itself. */
  readonly onThread?: (thread: Worker) => void
  /** A call that takes longer has a worker that hangs: it is given up. Default 30 s, many times what the largest batch takes. */
  readonly longestCallMs?: number
}

/** What any worker may answer in place of its replies: about the start, or the request before it. */
export interface Failed {
  readonly kind: 'failed'
  readonly code: ErrorCode
  readonly message: string
}

/** Over shared memory: 1 while a request is under way. The worker sets it to 0 and wakes who waits, before it answers. */
export interface Busy {
  readonly busy: Int32Array
}

/** So long a process that exits waits for a run that is under way. */
const LONGEST_EXIT_MS = 10_000

/** Starts a worker with `start` and waits for its first message. It keeps the process alive only while it works. Rejects with the worker's own error. */
export async function startThread<Request, Reply extends { readonly kind: string }>(
  start: object,
  { url, name, closing, onExit, onThread, longestCallMs = 30_000 }: ThreadOptions,
): Promise<WorkerThread<Request, Exclude<Reply, Failed>>> {
  const busy = new Int32Array(new SharedArrayBuffer(4))
  // No flags of this process: `--input-type`, which comes with `node -e`, would keep the worker from starting.
  const thread = new Worker(url, { workerData: { ...start, busy }, execArgv: [] })
  onThread?.(thread)
  let waiting:
    | { readonly resolve: (reply: Reply | Failed) => void; readonly reject: (error: EnsuiteError) => void }
    | undefined
  let dead: EnsuiteError | undefined
  const died = (why: string, cause?: unknown): void => {
    if (dead !== undefined) return
    dead = new EnsuiteError(
      'RUNTIME_FAILED',
      `The ${name} worker ended: ${why}. Calls under way are lost; the next call starts a new worker.`,
      { cause },
    )
    onExit()
    waiting?.reject(dead)
  }
  thread.on('message', (reply: Reply | Failed) => waiting?.resolve(reply))
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
  const reply = async (send?: () => void): Promise<Exclude<Reply, Failed>> => {
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
      // ONNX Runtime aborts the whole process where its thread is ended in a run: should it come back, it closes.
      thread.postMessage(closing)
    }
    // Opening a large graph takes as long as it takes.
    const watchdog = send && setTimeout(giveUp, longestCallMs)
    try {
      const answer = await new Promise<Reply | Failed>((resolve, reject) => {
        waiting = { resolve, reject }
        send?.()
      })
      if (answer.kind !== 'failed') return answer as Exclude<Reply, Failed>
      const { code, message } = answer as Failed
      throw new EnsuiteError(code, message)
    } finally {
      clearTimeout(watchdog)
      waiting = undefined
      process.off('exit', finish)
      thread.unref()
    }
  }
  try {
    await reply()
  } catch (error) {
    await thread.terminate()
    throw error
  }
  return {
    ask: (request) => reply(() => thread.postMessage(request)),
    end: async () => {
      if (dead !== undefined) return
      thread.ref()
      thread.postMessage(closing)
      await exited
    },
  }
}
