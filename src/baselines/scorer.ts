import type { Batch, BatchRules } from '../data/batches.ts'
import type { Sessions } from '../data/sessions.ts'

/** Whatever can score the whole catalogue for the event after a prefix: a model, a floor, a rule. */
export interface Scorer {
  readonly name: string
  /** How it is shown a session; default: causally. */
  readonly batchRules?: BatchRules
  /** How many items it scores, where that is fixed. */
  readonly items?: number
  /** How many events it reads at most, where that is fixed. */
  readonly maxLength?: number
  /** It reads the sessions themselves and not the batch: `maxLength` changes nothing, and may be left out. */
  readonly wholeSessions?: boolean
  /**
   * Scores of all items as the next event, higher is better → [sessions, items], row by row: row `i` is for the
   * session `batch.sessionIndices[i]` of `sessions`, column `j` for the item of code `j + RESERVED`.
   *
   * The last event of a session is the target: a scorer looks only at the events before it.
   */
  readonly score: (batch: Batch, sessions: Sessions) => Float32Array | Promise<Float32Array>
}
