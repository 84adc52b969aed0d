import type { TensorData } from '../graph/index.ts'
import type { AskedRow, ScoredRow } from './session-row.ts'

/** What the worker scores with: the graph of a model, or a baseline. */
export interface ScoringEngine {
  /** Answers in the order of the rows. added: the embeddings of items that were added, [added · width]. */
  readonly score: (rows: readonly AskedRow[], added: Float32Array) => Promise<readonly ScoredRow[]>
  /** The vectors of new items by what is known of them → [items · width]. */
  readonly embed: (columns: Readonly<Record<string, TensorData>>) => Promise<Float32Array>
  readonly close: () => Promise<void>
}
