import { getPriority, setPriority } from 'node:os'
import { platform } from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { nodeRuntime } from '../graph/node.ts'
import { answerFromThread } from './answer-from-thread.ts'
import { embedItems } from './embed-items.ts'
import { openNearItems, type NearItems } from './near-items.ts'
import { scoreBatch } from './score-batch.ts'
import { checkProgram } from './score-rows.ts'
import { receivedCandidates } from './sent-candidates.ts'
import type { Reply, Request, WorkerStart } from './worker-messages.ts'

// The thread that a run of ONNX Runtime may block. It answers one request after the other; the other side keeps the queue.
const { onnx, newItemsOnnx, itemsOnnx, served, runtime, background, busy } = workerData as WorkerStart
const port = parentPort!
/** Steps of niceness: a third of the share that the others have. */
const BACKGROUND = 5

const { reply, fail } = answerFromThread<Reply>(busy)

// On Linux this is of the calling thread and of those that it starts, ONNX Runtime's; elsewhere it would be of the whole process.
if (background && platform === 'linux') setPriority(Math.min(19, getPriority() + BACKGROUND))

try {
  const program = await nodeRuntime(runtime).open(onnx)
  checkProgram(program, served)
  const rowsOf = receivedCandidates()
  const newItems = newItemsOnnx && (await nodeRuntime(runtime).open(newItemsOnnx))
  let opened: Promise<NearItems> | undefined
  const near = (): Promise<NearItems> =>
    (opened ??= openNearItems({
      runtime: nodeRuntime(runtime),
      itemsOnnx: itemsOnnx!,
      recommendOnnx: onnx,
    }).catch((error: unknown) => {
      opened = undefined
      throw error
    }))
  port.on('message', (request: Request) => {
    if (request.kind === 'close') {
      void Promise.all([program.close(), newItems?.close(), opened?.then((own) => own.close())]).finally(
        () => {
          port.close()
        },
      )
      return
    }
    const answer: Promise<Reply> =
      request.kind === 'score'
        ? scoreBatch({ program, served, near }, rowsOf(request), request.added).then((ranked) => ({
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
