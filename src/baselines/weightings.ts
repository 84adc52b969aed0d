/** How a weight falls with the distance from the end, by session-rec's names. */
export const weightings = ['same', 'linear', 'div', 'log', 'quadratic'] as const
export type Weighting = (typeof weightings)[number]

/**
 * Weight of the event at `place`, from 1, of `length`. As session-rec has it, `linear` is 0 beyond the tenth place from the start, also for the last event of a longer session, and may be below 0.
 */
export const ofPlace: Readonly<Record<Weighting, (place: number, length: number) => number>> = {
  same: () => 1,
  linear: (place, length) => (place <= 10 ? 1 - 0.1 * (length - place) : 0),
  div: (place, length) => place / length,
  log: (place, length) => 1 / Math.log10(length - place + 1.7),
  quadratic: (place, length) => (place / length) ** 2,
}

/** Weight of what lies `steps` back, from 1. As session-rec has it, `linear` goes below 0 after the tenth. */
export const ofSteps: Readonly<Record<Weighting, (steps: number) => number>> = {
  same: () => 1,
  linear: (steps) => (steps <= 100 ? 1 - 0.1 * steps : 0),
  div: (steps) => 1 / steps,
  log: (steps) => 1 / Math.log10(steps + 1.7),
  quadratic: (steps) => 1 / (steps * steps),
}
