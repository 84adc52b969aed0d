/** The most that 32 bits hold: 68 years. */
const LONGEST = 2 ** 31 - 1

/** Whole seconds since the first of some times in milliseconds, as a model reads them: [events]. */
export function elapsedSeconds(times: ArrayLike<number>): Int32Array {
  return Int32Array.from(times, (time) => Math.min(LONGEST, Math.round((time - times[0]!) / 1000)))
}
