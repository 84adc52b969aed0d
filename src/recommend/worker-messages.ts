import type { Served } from '../artifact/index.ts'
import type { RuntimeOptions, TensorData } from '../graph/index.ts'
import type { BaselineFiles } from './baseline-engine.ts'
import type { ModelFiles } from './model-engine.ts'
import type { NumberedBatch } from './sent-candidates.ts'
import type { ScoredRow } from './session-row.ts'
import type { Busy, Failed } from './worker-thread.ts'

/** What a worker is started with. */
export interface WorkerStart extends Busy {
  /** What it scores with. */
  readonly files: ModelFiles | { readonly kind: 'baseline'; readonly baseline: BaselineFiles }
  /** What the graph should take and give, or the baseline. */
  readonly served: Served
  readonly runtime: RuntimeOptions
  /** Whether other threads go first where all want a core. */
  readonly background: boolean
}

/** To the worker. */
export type Request =
  | ({ readonly kind: 'score'; readonly added: Float32Array } & NumberedBatch)
  | { readonly kind: 'embed'; readonly columns: Readonly<Record<string, TensorData>> }
  | { readonly kind: 'close' }

/** From the worker: once `ready`, then an answer a request; `failed` is about the start or the request before it. */
export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ranked'; readonly ranked: readonly ScoredRow[] }
  | { readonly kind: 'embedded'; readonly vectors: Float32Array }
  | Failed
