import { parentPort } from 'node:worker_threads'
import { EnsuiteError } from '../errors.ts'
import type { Failed } from './worker-thread.ts'

/** The thread's side: an answer, or what went wrong, for each request and for the start. */
export interface ThreadAnswers<Reply> {
  readonly reply: (message: Reply | Failed) => void
  readonly fail: (error: unknown) => void
}

export function answerFromThread<Reply>(busy: Int32Array): ThreadAnswers<Reply> {
  const reply = (message: Reply | Failed): void => {
    Atomics.store(busy, 0, 0)
    Atomics.notify(busy, 0)
    parentPort!.postMessage(message)
  }
  return {
    reply,
    fail: (error) => {
      reply({
        kind: 'failed',
        code: error instanceof EnsuiteError ? error.code : 'RUNTIME_FAILED',
        message: error instanceof Error ? error.message : String(error),
      })
    },
  }
}
