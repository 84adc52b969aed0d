import type { Device } from '../graph/index.ts'

/** What the scoring worker is started with. */
export interface WorkerSetup {
  readonly onnx: Uint8Array
  readonly categorical: readonly string[]
  readonly device: Device
  readonly threads?: number
}

/** One session to score: codes of its events, oldest first, none of them padding. */
export interface ScoreRequest {
  readonly items: Int32Array
  readonly categorical: Readonly<Record<string, Int32Array>>
  readonly k: number
  /** Columns of the scores that are no candidates. */
  readonly excluded: Int32Array
}

export interface ScoreResult {
  readonly columns: Int32Array
  readonly scores: Float32Array
}

/** Worker → caller. A batch is answered whole, in its order. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'scored'; readonly results: readonly ScoreResult[] }
  | { readonly kind: 'failed'; readonly message: string }
