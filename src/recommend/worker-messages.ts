import type { Served } from '../artifact/index.ts'
import type { RuntimeOptions, TensorData } from '../graph/index.ts'
import type { NumberedBatch } from './sent-candidates.ts'
import type { ScoredRow } from './session-row.ts'
import type { Busy, Failed } from './worker-thread.ts'

/** What a worker is started with. */
export interface WorkerStart extends Busy {
  readonly onnx: Uint8Array
  /** What gives new items their vectors, where items have content. */
  readonly newItemsOnnx?: Uint8Array
  /** What gives the vectors of all items by the parameters of `onnx`, where the model scores items. */
  readonly itemsOnnx?: Uint8Array
  /** What the graph should take and give. */
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
