import type { ErrorCode } from '../errors.ts'
import type { RuntimeOptions } from '../graph/index.ts'
import type { SessionRow } from './session-row.ts'
import type { Ranked } from './top-k.ts'

/** What a worker is started with. */
export interface WorkerStart {
  readonly onnx: Uint8Array
  readonly items: number
  /** Names of the inputs that the graph should have. */
  readonly inputs: readonly string[]
  readonly runtime: RuntimeOptions
  /** Over shared memory: 1 while a request is under way. The worker sets it to 0 and wakes who waits, before it answers. */
  readonly busy: Int32Array
}

/** To the worker. */
export type Request =
  { readonly kind: 'score'; readonly rows: readonly SessionRow[] } | { readonly kind: 'close' }

/** From the worker: once `ready`, then an answer a request; `failed` is about the start or the request before it. */
export type Reply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ranked'; readonly ranked: readonly Ranked[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
