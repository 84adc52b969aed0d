/**
 * Adds `weight` at `time` to `sum` at `at` → [sum, time], as of the later of the two. `halfLife` false: nothing decays.
 * Sums as of their own last time neither overflow nor vanish, however long a log is.
 */
export function addDecayed(
  [sum, at]: readonly [sum: number, at: number],
  [weight, time]: readonly [weight: number, time: number],
  halfLife: number | false,
): readonly [sum: number, at: number] {
  if (halfLife === false) return [sum + weight, 0]
  if (sum === 0) return [weight, time]
  const passed = 2 ** (-Math.abs(time - at) / halfLife)
  return time >= at ? [sum * passed + weight, time] : [sum + weight * passed, at]
}

/** What orders decayed sums of different times: log₂ of what each is worth at `origin`; −∞ for one that is not above 0. */
export const logWorth = (
  [sum, at]: readonly [sum: number, at: number],
  origin: number,
  halfLife: number,
): number => (sum > 0 ? Math.log2(sum) + (at - origin) / halfLife : -Infinity)
