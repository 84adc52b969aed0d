import { EnsuiteError } from '../errors.ts'
import type { ScoredRow, SessionRow } from './session-row.ts'

/** Scores sessions and keeps of each the best columns, and what else is predicted. */
export interface RowScorer {
  score(row: SessionRow): Promise<ScoredRow>
  /** Answers the calls that were made before, then frees everything. Later calls reject with `CLOSED`. */
  close(): Promise<void>
}

/** What does the work: one batch at a time, and not forever. */
export interface BatchWorker {
  score(rows: readonly SessionRow[]): Promise<readonly ScoredRow[]>
}

export interface BatchScorerOptions {
  /** A worker that is ready; asked for before each batch, so that one that died is replaced. */
  readonly worker: () => Promise<BatchWorker>
  /** Ends the worker, if there is one. */
  readonly stop: () => Promise<void>
  /** For tests and measurements: called with the number of sessions of each batch. */
  readonly onBatch?: (sessions: number) => void
}

/** Sessions in one batch at most. */
const MOST_SESSIONS = 64

interface Call {
  readonly row: SessionRow
  readonly resolve: (ranked: ScoredRow) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes batches of calls without making any wait: calls of one turn of the event loop go together, and while a batch is under way the next
 * one gathers.
 */
export function batchScorer({ worker, stop, onBatch }: BatchScorerOptions): RowScorer {
  const queue: Call[] = []
  let running: Promise<void> | undefined
  let closed: Promise<void> | undefined

  /** A batch whose worker died under it is scored once more, by the next one: one that dies again may have died of it. */
  const scoreOrRepeat = async (rows: readonly SessionRow[]): Promise<readonly ScoredRow[]> => {
    const first = await worker()
    try {
      return await first.score(rows)
    } catch (error) {
      const next = await worker()
      if (next === first) throw error
      return next.score(rows)
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
    while (queue.length > 0) await runBatch(queue.splice(0, MOST_SESSIONS))
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
