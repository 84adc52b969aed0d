import type { RuntimeOptions } from '../graph/index.ts'
import type { Busy, Failed } from '../recommend/worker-thread.ts'
import type { Event } from '../workflow/event-values.ts'
import type { ExplainOptions, Explanation } from './explainer.ts'

/** What an explaining worker is started with. */
export interface ExplainStart extends Busy {
  /** The files of an artifact, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly runtime: RuntimeOptions
}

/** To the worker. */
export type ExplainRequest =
  | {
      readonly kind: 'explain'
      readonly events: readonly Event[]
      readonly options: Omit<ExplainOptions, 'past'>
    }
  | { readonly kind: 'close' }

/** From the worker: once `ready`, then an answer a request. */
export type ExplainReply =
  { readonly kind: 'ready' } | { readonly kind: 'explained'; readonly explanation: Explanation } | Failed
