import { EnsuiteError } from '../errors.ts'
import type { TensorData } from '../graph/index.ts'
import type { AskedRow, ScoredRow } from './session-row.ts'

/** Scores sessions, or what is like an item, and keeps of each the best columns, and what else is predicted. */
export interface RowScorer {
  score(row: AskedRow): Promise<ScoredRow>
  /** The vectors of new items by what is known of them, a column an input of `new-items.onnx` → [items · width]. */
  embed(columns: Readonly<Record<string, TensorData>>): Promise<Float32Array>
  /** Answers the calls that were made before, then frees everything. Later calls reject with `CLOSED`. */
  close(): Promise<void>
}

/** What does the work: one batch at a time, and not forever. */
export interface BatchWorker {
  score(rows: readonly AskedRow[], added: Float32Array): Promise<readonly ScoredRow[]>
  embed(columns: Readonly<Record<string, TensorData>>): Promise<Float32Array>
}

export interface BatchScorerOptions {
  /** A worker that is ready; asked for before each batch, so that one that died is replaced. */
  readonly worker: () => Promise<BatchWorker>
  /** The embeddings of items that were added: [items · width]. */
  readonly added: () => Float32Array
  /** Ends the worker, if there is one. */
  readonly stop: () => Promise<void>
  /** For tests and measurements: called with the number of rows of each batch. */
  readonly onBatch?: (sessions: number) => void
}

/** Sessions in one batch at most. */
const MOST_SESSIONS = 64

interface Call {
  readonly row: AskedRow
  readonly resolve: (ranked: ScoredRow) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes batches of calls without making any wait: calls of one turn of the event loop go together, and while a batch is under way the next
 * one gathers.
 */
export function batchScorer({ worker, added, stop, onBatch }: BatchScorerOptions): RowScorer {
  const queue: Call[] = []
  const others: (() => Promise<void>)[] = []
  let running: Promise<void> | undefined
  let closed: Promise<void> | undefined

  /** A batch whose worker died under it is scored once more, by the next one: one that dies again may have died of it. */
  const scoreOrRepeat = async (rows: readonly AskedRow[]): Promise<readonly ScoredRow[]> => {
    const first = await worker()
    try {
      return await first.score(rows, added())
    } catch (error) {
      const next = await worker()
      if (next === first) throw error
      return next.score(rows, added())
    }
  }
  const runBatch = async (calls: readonly Call[]): Promise<void> => {
    try {
      onBatch?.(calls.length)
      const ranked = await scoreOrRepeat(calls.map((call) => call.row))
      for (const [at, call] of calls.entries()) call.resolve(ranked[at]!)
    } catch (error) {
      for (const call of calls) call.reject(error)
    }
  }
  const runAll = async (): Promise<void> => {
    await Promise.resolve()
    for (;;) {
      const other = others.shift()
      if (other !== undefined) await other()
      else if (queue.length > 0) await runBatch(queue.splice(0, MOST_SESSIONS))
      else break
    }
    running = undefined
  }
  return {
    score: (row) => {
      if (closed !== undefined) return Promise.reject(closedError())
      return new Promise((resolve, reject) => {
        queue.push({ row, resolve, reject })
        running ??= runAll()
      })
    },
    embed: (columns) => {
      if (closed !== undefined) return Promise.reject(closedError())
      return new Promise((resolve, reject) => {
        others.push(() =>
          worker()
            .then((ready) => ready.embed(columns))
            .then(resolve, reject),
        )
        running ??= runAll()
      })
    },
    close: () => {
      const end = async (): Promise<void> => {
        await running
        await stop()
      }
      return (closed ??= end())
    },
  }
}

export function closedError(): EnsuiteError {
  return new EnsuiteError('CLOSED', 'The recommender has been closed. Load it again with loadRecommender.')
}
