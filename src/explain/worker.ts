import { parentPort, workerData } from 'node:worker_threads'
import { anyArtifactFromFiles, servedOf } from '../artifact/index.ts'
import { sha256 } from '../artifact/sha256.ts'
import { nodeRuntime } from '../graph/node.ts'
import { answerFromThread } from '../recommend/answer-from-thread.ts'
import { createExplainer } from './explainer.ts'
import { openScoring } from './open-scoring.ts'
import type { ExplainReply, ExplainRequest, ExplainStart } from './worker-messages.ts'

// The thread that encodes a session again and again, and scores it. It answers one request after the other; the other side keeps the queue.
const { files, runtime, busy } = workerData as ExplainStart
const port = parentPort!
const { reply, fail } = answerFromThread<ExplainReply>(busy)

try {
  const artifact = await anyArtifactFromFiles(files, { sha256 })
  const options = { runtime: nodeRuntime(runtime) }
  // Fitting may take longer than an answer may: it is part of the start.
  const scoring =
    'baseline' in artifact ? openScoring(artifact, { ...options, served: servedOf(artifact) }) : undefined
  await scoring
  const explainer = createExplainer(artifact, { ...options, ...(scoring && { scoring }) })
  port.on('message', (request: ExplainRequest) => {
    if (request.kind === 'close')
      void explainer.close().finally(() => {
        port.close()
      })
    else
      explainer.explain(request.events, request.options).then((explanation) => {
        reply({ kind: 'explained', explanation })
      }, fail)
  })
  reply({ kind: 'ready' })
} catch (error) {
  fail(error)
}
