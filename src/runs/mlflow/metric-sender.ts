import { setTimeout as pause } from 'node:timers/promises'
import type { EnsuiteError } from '../../errors.ts'
import type { MlflowClient } from './mlflow-client.ts'
import { asked, BATCH, Refused, type MlflowRun, type Point } from './mlflow-run.ts'

export interface SenderOptions {
  readonly client: MlflowClient
  readonly open: () => Promise<MlflowRun>
  /** Points that wait at most: of more the oldest are left out. */
  readonly most: number
  /** How long a server that failed is left alone. */
  readonly retryMs: number
  /** Is told once, of the first failure. */
  readonly onFailure: (error: EnsuiteError) => void
}

/** Sends points while training goes on, one request at a time: whoever adds some waits for nothing. */
export interface MetricSender {
  add(points: readonly Point[]): void
  /** Opens the run now. Throws `TRACKING_UNAVAILABLE`. */
  connect(): Promise<void>
  /** Sends what waits, and how the run ended, within so many milliseconds. Says how many points were lost in all, and the last failure. */
  finish(
    end: (run: MlflowRun) => readonly (readonly [path: string, body: object])[],
    withinMs: number,
  ): Promise<Outcome>
}

export interface Outcome {
  readonly lost: number
  /** Why not all was taken. */
  readonly failure?: EnsuiteError
}

/** Between two tries at the end. */
const PAUSE_MS = 500

const isPassing = (error: unknown): boolean => error instanceof Refused && error.refusal.isPassing

export function metricSender({ client, open, most, retryMs, onFailure }: SenderOptions): MetricSender {
  let waiting: Point[] = []
  let lost = 0
  let run: MlflowRun | undefined
  let failure: EnsuiteError | undefined
  let failedAt = -Infinity
  /** Refused for good. */
  let isRefused = false
  let sending: Promise<void> | undefined

  const fail = (error: unknown): void => {
    if (!(error instanceof Refused)) throw error
    const isFirst = failure === undefined
    failure = error.refusal.error
    failedAt = performance.now()
    if (isFirst) onFailure(failure)
  }
  const drop = (points: number): void => {
    waiting = waiting.slice(points)
    lost += points
  }
  /** Whether all was sent. */
  const send = async (): Promise<boolean> => {
    try {
      run ??= await open()
    } catch (error) {
      fail(error)
      isRefused = error instanceof Refused && !error.refusal.isPassing
      return false
    }
    const { id, steps } = run
    // What the server has already, from before a run was resumed, is made again, equal to the bit.
    waiting = waiting.filter(({ key, step }) => step > (steps.get(key) ?? -1))
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH.metrics)
      try {
        await asked(client, 'POST', 'runs/log-batch', { run_id: id, metrics: batch })
        const sent = new Set(batch)
        waiting = waiting.filter((each) => !sent.has(each))
      } catch (error) {
        fail(error)
        if (isPassing(error)) return false
        drop(batch.length)
      }
    }
    return true
  }
  const pump = (): void => {
    if (sending !== undefined || isRefused || performance.now() - failedAt < retryMs) return
    sending = send()
      .then(() => undefined)
      .finally(() => {
        sending = undefined
      })
    // Its errors are those of programmers, and are thrown where it is waited for.
    sending.catch(() => undefined)
  }
  return {
    add: (points) => {
      waiting.push(...points)
      if (waiting.length > most) drop(waiting.length - most)
      pump()
    },
    connect: async () => {
      await send()
      if (failure !== undefined) throw failure
    },
    finish: async (end, withinMs) => {
      const timer = setTimeout(() => {
        client.abort()
      }, withinMs)
      const until = performance.now() + withinMs
      const isTime = async (): Promise<boolean> => {
        if (performance.now() + PAUSE_MS > until) return false
        await pause(PAUSE_MS)
        return true
      }
      const tell = async (path: string, body: object): Promise<void> => {
        for (;;)
          try {
            await asked(client, 'POST', path, body)
            return
          } catch (error) {
            if (!isPassing(error) || !(await isTime())) throw error
          }
      }
      let isEnded = false
      try {
        await sending
        while (!isRefused && !(await send()) && (await isTime()));
        if (waiting.length === 0 && run !== undefined) {
          for (const [path, body] of end(run)) await tell(path, body)
          isEnded = true
        }
      } catch (error) {
        fail(error)
      } finally {
        clearTimeout(timer)
      }
      lost += waiting.length
      waiting = []
      return { lost, ...(failure && (lost > 0 || !isEnded) && { failure }) }
    },
  }
}
