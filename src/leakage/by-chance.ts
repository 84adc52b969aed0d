import { sessionLength, type Sessions } from '../data/sessions.ts'

/**
 * How many of these sessions would be the very same as one of them by chance: their number times how likely its first item, each next item after the one before, its start and each
 * pause are here. Sessions of a popular pair of items on one day are often alike, and are no copies.
 */
export function chanceOf(sessions: Sessions): (session: number, of: Sessions) => number {
  const { count, offsets, items, times } = sessions
  const [firsts, befores, pairs, starts, pauses] = Array.from({ length: 5 }, () => new Map<number, number>())
  const pair = (one: number, other: number): number => one * 2 ** 26 + other
  let steps = 0
  for (let session = 0; session < count; session++) {
    if (sessionLength(sessions, session) === 0) continue
    const start = offsets[session]!
    increase(firsts!, items[start]!)
    if (times !== undefined) increase(starts!, times[start]!)
    for (let event = start + 1; event < offsets[session + 1]!; event++) {
      steps++
      increase(befores!, items[event - 1]!)
      increase(pairs!, pair(items[event - 1]!, items[event]!))
      if (times !== undefined) increase(pauses!, times[event]! - times[event - 1]!)
    }
  }
  const share = (of: ReadonlyMap<number, number>, key: number, total: number): number =>
    Math.min(1, (of.get(key) ?? 1) / Math.max(1, total))
  return (session, of) => {
    const start = of.offsets[session]!
    let expected = count * share(firsts!, of.items[start]!, count)
    if (times !== undefined) expected *= share(starts!, of.times![start]!, count)
    for (let event = start + 1; event < of.offsets[session + 1]!; event++) {
      const before = of.items[event - 1]!
      expected *= share(pairs!, pair(before, of.items[event]!), befores!.get(before) ?? 1)
      if (times !== undefined) expected *= share(pauses!, of.times![event]! - of.times![event - 1]!, steps)
    }
    return expected
  }
}

const increase = (counts: Map<number, number>, key: number): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + 1)
