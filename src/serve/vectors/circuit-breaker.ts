export interface BreakerOptions {
  /** So many failures after one another open it. */
  readonly failures: number
  /** So long nothing is tried then. */
  readonly pauseMs: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

/** `closed`: all is tried; `open`: nothing is; `probing`: one call is under way that decides. */
export type BreakerState = 'closed' | 'open' | 'probing'

/** A call that may be made. Whoever makes it says how it ended, once. */
export interface Attempt {
  /** Whether it decides if others are made again. */
  readonly isProbe: boolean
  succeeded(): void
  failed(): void
  /** It said nothing of the other side: the next one decides. */
  dropped(): void
}

/** Keeps callers from what does not answer. */
export interface CircuitBreaker {
  readonly state: BreakerState
  /** Undefined while nothing is to be tried. */
  attempt(): Attempt | undefined
}

/** What calls that began before it opened say afterwards does not count: the probe decides. */
export function createCircuitBreaker({ failures, pauseMs, now }: BreakerOptions): CircuitBreaker {
  let state: BreakerState = 'closed'
  let failed = 0
  let openedAt = 0
  /** How often the state has changed. */
  let turn = 0

  const become = (next: BreakerState): void => {
    state = next
    failed = 0
    turn++
  }
  const open = (): void => {
    become('open')
    openedAt = now()
  }
  return {
    get state() {
      return state
    },
    attempt: () => {
      if (state === 'probing' || (state === 'open' && now() - openedAt < pauseMs)) return undefined
      const isProbe = state === 'open'
      if (isProbe) become('probing')
      const own = turn
      const once = (end: () => void) => (): void => {
        if (turn === own) end()
      }
      return {
        isProbe,
        succeeded: once(() => {
          if (isProbe) become('closed')
          else failed = 0
        }),
        failed: once(() => {
          if (isProbe || ++failed >= failures) open()
        }),
        dropped: once(() => {
          // The pause is over already.
          if (isProbe) become('open')
        }),
      }
    },
  }
}
