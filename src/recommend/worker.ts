import { parentPort, workerData } from 'node:worker_threads'
import { nodeRuntime } from '../graph/node.ts'
import { answerFromThread } from './answer-from-thread.ts'
import { embedItems } from './embed-items.ts'
import { checkProgram, scoreRows } from './score-rows.ts'
import { receivedCandidates } from './sent-candidates.ts'
import type { Reply, Request, WorkerStart } from './worker-messages.ts'

// The thread that a run of ONNX Runtime may block. It answers one request after the other; the other side keeps the queue.
const { onnx, newItemsOnnx, served, runtime, busy } = workerData as WorkerStart
const port = parentPort!

const { reply, fail } = answerFromThread<Reply>(busy)

try {
  const program = await nodeRuntime(runtime).open(onnx)
  checkProgram(program, served)
  const rowsOf = receivedCandidates()
  const newItems = newItemsOnnx && (await nodeRuntime(runtime).open(newItemsOnnx))
  port.on('message', (request: Request) => {
    if (request.kind === 'close') {
      void Promise.all([program.close(), newItems?.close()]).finally(() => {
        port.close()
      })
      return
    }
    const answer: Promise<Reply> =
      request.kind === 'score'
        ? scoreRows(program, rowsOf(request), { served, added: request.added }).then((ranked) => ({
            kind: 'ranked',
            ranked,
          }))
        : embedItems(newItems, request.columns, served).then((vectors) => ({ kind: 'embedded', vectors }))
    answer.then(reply, fail)
  })
  reply({ kind: 'ready' })
} catch (error) {
  fail(error)
}
