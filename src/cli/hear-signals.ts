const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** What is under way when the process is told to end has so long. */
const LONGEST_END_MS = 10_000

/** Ctrl-C and SIGTERM, which ask for an end in order. */
export interface Signals {
  /** Whether one has come. */
  readonly told: boolean
  /** Resolves at the first. */
  readonly end: Promise<void>
  /** Gives the end this much longer than ten seconds, from now on where it has begun. */
  allow(moreMs: number): void
}

/** Hears signals from now on. A second one ends the process at once, and so it ends where the end takes too long: with 1. */
export function hearSignals(): Signals {
  let told = false
  let longestMs = LONGEST_END_MS
  let timer: NodeJS.Timeout | undefined
  const limit = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => process.exit(1), longestMs).unref()
  }
  const end = new Promise<void>((resolve) => {
    const tell = (): void => {
      if (told) process.exit(1)
      told = true
      limit()
      resolve()
    }
    for (const signal of SIGNALS) process.on(signal, tell)
  })
  return {
    get told() {
      return told
    },
    end,
    allow: (moreMs) => {
      longestMs = LONGEST_END_MS + moreMs
      if (told) limit()
    },
  }
}
