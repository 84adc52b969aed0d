import { getPriority, setPriority } from 'node:os'
import { platform } from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { nodeRuntime } from '../graph/node.ts'
import { answerFromThread } from './answer-from-thread.ts'
import { openBaselineEngine } from './baseline-engine.ts'
import { openModelEngine } from './model-engine.ts'
import { receivedCandidates } from './sent-candidates.ts'
import type { Reply, Request, WorkerStart } from './worker-messages.ts'

// The thread that a run of ONNX Runtime may block. It answers one request after the other; the other side keeps the queue.
const { files, served, runtime, background, busy } = workerData as WorkerStart
const port = parentPort!
/** Steps of niceness: a third of the share that the others have. */
const BACKGROUND = 5

const { reply, fail } = answerFromThread<Reply>(busy)

// On Linux this is of the calling thread and of those that it starts, ONNX Runtime's; elsewhere it would be of the whole process.
if (background && platform === 'linux') setPriority(Math.min(19, getPriority() + BACKGROUND))

try {
  const engine =
    files.kind === 'model'
      ? await openModelEngine(files, { served, runtime: nodeRuntime(runtime) })
      : openBaselineEngine(files.baseline, { served })
  const rowsOf = receivedCandidates()
  port.on('message', (request: Request) => {
    if (request.kind === 'close') {
      void engine.close().finally(() => {
        port.close()
      })
      return
    }
    const answer: Promise<Reply> =
      request.kind === 'score'
        ? engine.score(rowsOf(request), request.added).then((ranked) => ({ kind: 'ranked', ranked }))
        : engine.embed(request.columns).then((vectors) => ({ kind: 'embedded', vectors }))
    answer.then(reply, fail)
  })
  reply({ kind: 'ready' })
} catch (error) {
  fail(error)
}
