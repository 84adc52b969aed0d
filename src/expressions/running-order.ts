/** Numbers that come one by one, and which of them are least: O(log n) each, by a Fenwick tree (1994) over the ranks of all. */
export interface RunningOrder {
  readonly add: (x: number) => void
  /** The least number but `place` − 1, null where there are not so many. */
  readonly leastAt: (place: number) => number | null
}

/** `all`: every number that will come. */
export function runningOrder(all: readonly number[]): RunningOrder {
  const sorted = Float64Array.from(new Set(all)).sort()
  const ranks = new Map(Array.from(sorted, (x, rank) => [x, rank]))
  const counts = new Int32Array(sorted.length + 1)
  let highest = 1
  while (highest * 2 <= sorted.length) highest *= 2
  let added = 0
  return {
    add: (x) => {
      added++
      for (let at = ranks.get(x)! + 1; at < counts.length; at += at & -at) counts[at]!++
    },
    leastAt: (place) => {
      if (!Number.isInteger(place) || place < 1 || place > added) return null
      let [rank, left] = [0, place]
      for (let step = highest; step > 0; step >>= 1) {
        if (rank + step >= counts.length || counts[rank + step]! >= left) continue
        rank += step
        left -= counts[rank]!
      }
      return sorted[rank]!
    },
  }
}
