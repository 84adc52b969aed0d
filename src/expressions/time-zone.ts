/** A time zone as data, so that every engine computes the same: from `from[i]` (ms since 1970 UTC) on, local time is UTC plus `ms[i + 1]`. */
export interface Offsets {
  readonly from: readonly number[]
  readonly ms: readonly number[]
}

const HOUR = 3_600_000
const FIRST = Date.UTC(1970, 0, 1)
const LAST = Date.UTC(2050, 0, 1)
/** No zone changes there and back within so short a time: the shortest was Tucumán's, twelve days in June 2004. */
const STEP = 5 * 24 * HOUR

const known = new Map<string, Offsets>()

/** The changes of a time zone from 1970 to 2050, found through `Intl`; before and after, its first and last offset hold. */
export function offsetsOf(timeZone: string): Offsets {
  const offsets = known.get(timeZone) ?? foundOffsets(timeZone)
  known.set(timeZone, offsets)
  return offsets
}

function foundOffsets(timeZone: string): Offsets {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const at = (instant: number): number => {
    const parts = Object.fromEntries(
      format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
    )
    const { year, month, day, hour, minute, second } = parts
    return Date.UTC(year!, month! - 1, day, hour, minute, second) - instant
  }
  const from: number[] = []
  const ms = [at(FIRST)]
  for (let start = FIRST; start < LAST; start += STEP) {
    const offset = ms.at(-1)!
    const next = at(start + STEP)
    if (next === offset) continue
    let [low, high] = [start, start + STEP]
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000
      if (at(middle) === offset) low = middle
      else high = middle
    }
    from.push(high)
    ms.push(next)
  }
  return { from, ms }
}

export function offsetAt({ from, ms }: Offsets, instant: number): number {
  let [low, high] = [0, from.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (from[middle]! <= instant) low = middle + 1
    else high = middle
  }
  return ms[low]!
}
