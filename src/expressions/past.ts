import type { Past } from './operator.ts'

/** The past that grows with the stream of events: times by key, in order. */
export interface GrowingPast extends Past {
  readonly add: (key: string, time: number) => void
  /** Forgets events before a time, of all keys. */
  readonly forget: (before: number) => void
}

export function createPast(): GrowingPast {
  const times = new Map<string, number[]>()
  return {
    add: (key, time) => {
      const own = times.get(key)
      if (own === undefined) times.set(key, [time])
      // Events come almost in order: a late one is put in its place.
      else if (own.at(-1)! <= time) own.push(time)
      else own.splice(below(own, time), 0, time)
    },
    count: (key, from, to) => {
      const own = times.get(key)
      return own === undefined ? 0 : below(own, to) - below(own, from)
    },
    forget: (before) => {
      for (const [key, own] of times) {
        const gone = below(own, before)
        if (gone === own.length) times.delete(key)
        else if (gone > 0) own.splice(0, gone)
      }
    },
  }
}

/** How many of the rising times are below this one. */
function below(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}
