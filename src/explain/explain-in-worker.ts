import type { Worker } from 'node:worker_threads'
import { EnsuiteError } from '../errors.ts'
import type { RuntimeOptions } from '../graph/index.ts'
import { startThread, type WorkerThread } from '../recommend/worker-thread.ts'
import type { Explainer, ExplainOptions } from './explainer.ts'
import type { ExplainReply, ExplainRequest } from './worker-messages.ts'

export interface ExplainInWorkerOptions {
  readonly runtime: RuntimeOptions
  /** For tests. */
  readonly workerUrl?: () => URL
  readonly onThread?: (thread: Worker) => void
}

/** An explainer whose events and options are sent elsewhere. */
export interface WorkerExplainer extends Pick<Explainer, 'close'> {
  explain(
    events: Parameters<Explainer['explain']>[0],
    options: Omit<ExplainOptions, 'past'>,
  ): ReturnType<Explainer['explain']>
}

/**
 * An explainer of the artifact that these files are, in a thread of its own, which is started when it is first asked, and anew when it has died. Calls are answered one after the other; `close` answers
 * those that were made before. Workflows that call functions of one's own cannot be sent there.
 * `explain` rejects with what `createExplainer` and its `explain` throw, what `anyArtifactFromFiles` throws, `RUNTIME_FAILED` and `CLOSED`.
 */
export function explainInWorker(
  files: ReadonlyMap<string, Uint8Array>,
  { runtime, workerUrl = () => besideThis(import.meta.url), onThread }: ExplainInWorkerOptions,
): WorkerExplainer {
  type Running = Promise<WorkerThread<ExplainRequest, Exclude<ExplainReply, { readonly kind: 'failed' }>>>
  let worker: Running | undefined
  let last: Promise<unknown> = Promise.resolve()
  let closed: Promise<void> | undefined
  const ready = (): Running => {
    if (worker !== undefined) return worker
    const forget = (): void => {
      if (worker === started) worker = undefined
    }
    const started: Running = startThread<ExplainRequest, ExplainReply>(
      { files, runtime },
      {
        url: workerUrl(),
        name: 'explaining',
        closing: { kind: 'close' },
        onExit: forget,
        ...(onThread && { onThread }),
      },
    )
    worker = started
    started.catch(forget)
    return started
  }
  return {
    explain: (events, options) => {
      if (closed !== undefined)
        return Promise.reject(
          new EnsuiteError('CLOSED', 'The explainer has been closed. Make another of its artifact.'),
        )
      const turn = last.then(async () => {
        const answer = await (await ready()).ask({ kind: 'explain', events, options })
        if (answer.kind === 'explained') return answer.explanation
        throw new EnsuiteError('RUNTIME_FAILED', `The explaining worker answered '${answer.kind}'.`)
      })
      last = turn.catch(() => undefined)
      return turn
    },
    close: () => {
      const end = async (): Promise<void> => {
        await last
        await (await worker?.catch(() => undefined))?.end()
      }
      return (closed ??= end())
    },
  }
}

/** The worker lies beside this file. Run from the sources, the built one is used: a thread of Node 20 cannot start from TypeScript. */
function besideThis(here: string): URL {
  return new URL(here.endsWith('.ts') ? '../../dist/explain/worker.js' : './worker.js', here)
}
