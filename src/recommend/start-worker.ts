import { EnsuiteError } from '../errors.ts'
import type { TensorData } from '../graph/index.ts'
import { sentCandidates } from './sent-candidates.ts'
import type { AskedRow, ScoredRow } from './session-row.ts'
import type { Reply, Request, WorkerStart } from './worker-messages.ts'
import { startThread, type ThreadOptions } from './worker-thread.ts'

/** A worker that has opened the graph. */
export interface RunningWorker {
  /** One call at a time. Rejects with `RUNTIME_FAILED` when the worker dies. */
  score(rows: readonly AskedRow[], added: Float32Array): Promise<readonly ScoredRow[]>
  /** The vectors of new items; as `score`. */
  embed(columns: Readonly<Record<string, TensorData>>): Promise<Float32Array>
  close(): Promise<void>
}

/** Starts a worker and waits until it is ready. It keeps the process alive only while it works. Rejects with the worker's own error. */
export async function startWorker(
  start: Omit<WorkerStart, 'busy'>,
  options: Omit<ThreadOptions, 'name' | 'closing'>,
): Promise<RunningWorker> {
  const { ask, end } = await startThread<Request, Reply>(start, {
    ...options,
    name: 'scoring',
    closing: { kind: 'close' },
  })
  const numbered = sentCandidates()
  return {
    score: async (rows, added) => {
      const answer = await ask({ kind: 'score', ...numbered(rows), added })
      if (answer.kind === 'ranked') return answer.ranked
      throw unexpected(answer, 'scores')
    },
    embed: async (columns) => {
      const answer = await ask({ kind: 'embed', columns })
      if (answer.kind === 'embedded') return answer.vectors
      throw unexpected(answer, 'vectors')
    },
    close: end,
  }
}

const unexpected = ({ kind }: { readonly kind: string }, what: string): EnsuiteError =>
  new EnsuiteError('RUNTIME_FAILED', `The scoring worker answered '${kind}' to a request for ${what}.`)
