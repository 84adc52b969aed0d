import { EnsuiteError } from '../errors.ts'

export interface AdmissionOptions {
  /** Tasks that run at once; what runs together is scored together. */
  readonly concurrency: number
  /** Tasks that wait at most. */
  readonly queue: number
  /** A task that would not be done within this is refused at once; one that was taken waits for twice as long at most. */
  readonly withinMs: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

/** A bounded queue with deadlines before what costs time. */
export interface Admission {
  /** Whether a task would be taken now: asked before a request is even read. */
  hasRoom(): boolean
  /** Runs a task when its turn comes; rejects with `OVERLOADED` where that would be too late. `onStart` is told how long it waited. */
  run<Result>(task: () => Promise<Result>, onStart?: (waitedMs: number) => void): Promise<Result>
  readonly running: number
  readonly waiting: number
}

interface Waiting {
  readonly since: number
  readonly begin: () => void
  readonly refuse: () => void
}

/**
 * What was taken is to be answered, also where the estimate was some way off: to refuse it so late would tell its caller no sooner than an answer would.
 * Only where all goes far slower than it did is it not begun.
 */
const PATIENCE = 2

/** How much the newest interval counts in the mean. */
const NEWEST = 1 / 128

/**
 * So many are always taken, whatever the mean says: a few that are scored together cost little more than one, so a mean of ones alone would keep
 * out what would lower it.
 */
const ALWAYS = 8

/**
 * First come, first served. When a newcomer would be done is told by those before it and the mean time between ends while there is work, so
 * that too much is refused when it comes, and not after it has waited in vain.
 */
export function createAdmission({ concurrency, queue, withinMs, now }: AdmissionOptions): Admission {
  const waiting: Waiting[] = []
  const longestMs = PATIENCE * withinMs
  let running = 0
  let meanInterval = 0
  let lastEnd: number | undefined
  let timer: NodeJS.Timeout | undefined

  const hasRoom = (): boolean => {
    if (running >= concurrency && waiting.length >= queue) return false
    const before = running + waiting.length
    return before < ALWAYS || (before + 1) * meanInterval <= withinMs
  }

  const ended = (): void => {
    running--
    const time = now()
    // Only while others go on does the time between ends tell what can be done, and not what is asked.
    if (lastEnd !== undefined) meanInterval += (time - lastEnd - meanInterval) * NEWEST
    lastEnd = running + waiting.length > 0 ? time : undefined
    beginNext()
  }
  const beginNext = (): void => {
    while (running < concurrency && waiting.length > 0) {
      const next = waiting.shift()!
      if (now() - next.since > longestMs) next.refuse()
      else next.begin()
    }
  }
  /** Where nothing ends any more, those who wait are refused all the same. */
  const watch = (): void => {
    if (timer !== undefined || waiting.length === 0) return
    timer = setTimeout(
      () => {
        timer = undefined
        while (waiting.length > 0 && now() - waiting[0]!.since > longestMs) waiting.shift()!.refuse()
        watch()
      },
      Math.max(1, longestMs - (now() - waiting[0]!.since) + 1),
    )
    timer.unref()
  }

  return {
    hasRoom,
    run: async (task, onStart) => {
      if (!hasRoom()) throw overloaded()
      const since = now()
      if (running >= concurrency)
        await new Promise<void>((resolve, reject) => {
          const begin = (): void => {
            running++
            resolve()
          }
          waiting.push({ since, begin, refuse: () => reject(overloaded()) })
          watch()
        })
      else running++
      try {
        onStart?.(now() - since)
        return await task()
      } finally {
        ended()
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return waiting.length
    },
  }
}

function overloaded(): EnsuiteError {
  return new EnsuiteError(
    'OVERLOADED',
    'More is asked than can be answered in time. Ask again later, or less.',
  )
}
