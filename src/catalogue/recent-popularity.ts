import { checkNumber, checkOptions } from '../options.ts'
import { checkId } from './catalogue-item.ts'

/** How often items were in the events of late: each event counts half as much after `halfLifeMs`. */
export interface RecentPopularity {
  /** An event with this item, at an instant in milliseconds since 1970; they may come in any order. */
  add(item: string, at: number): void
  /** The items with their shares of all that is counted, the most popular first, equal ones by id; as they were `freshMs` ago at most. */
  ranked(): readonly { readonly item: string; readonly share: number }[]
  /** What it counts, safe in JSON: each item as one event at an instant that counts as much as all of its own. Adding these to an empty one makes it again. */
  snapshot(): readonly { readonly item: string; readonly at: number }[]
  readonly size: number
}

export interface RecentPopularityOptions {
  /** Default: a day. */
  readonly halfLifeMs?: number
  /** Items at most; the least popular are forgotten first. Default 100,000. */
  readonly most?: number
  /** A ranking is given again for so long, whatever came since: who asks after every event does not rank after every event. 0: it is always that of now. Default 1000. */
  readonly freshMs?: number
  /** The clock of `freshMs`, in milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

interface Counted {
  readonly item: string
  weight: number
  /** Whether it was counted since the ranking. */
  isMoved: boolean
}

interface Ranking {
  readonly of: readonly Counted[]
  readonly at: number
  readonly items: ReturnType<RecentPopularity['ranked']>
}

/**
 * Decayed counts of items.
 *
 * A count is kept as the logarithm of Σ 2^(t ÷ halfLife): the same for all instants up to a common factor, so that nothing is ever decayed in place. What was not counted since the last ranking is
 * still in its order, and the others are merged into it: n + m log m for m of n items.
 * Throws `OPTION_INVALID` and `OPTION_UNKNOWN`.
 */
export function recentPopularity(options: RecentPopularityOptions = {}): RecentPopularity {
  checkOptions('recentPopularity', options, ['halfLifeMs', 'most', 'freshMs', 'now'])
  const { halfLifeMs = 86_400_000, most = 100_000, freshMs = 1_000, now = Date.now } = options
  checkNumber('recentPopularity: halfLifeMs', halfLifeMs, { above: 0 })
  checkNumber('recentPopularity: most', most, { integer: true, min: 1, max: 10_000_000 })
  checkNumber('recentPopularity: freshMs', freshMs, { min: 0, max: 86_400_000 })
  const counts = new Map<string, Counted>()
  let order: readonly Counted[] = []
  let moved: Counted[] = []
  let ranking: Ranking | undefined

  const inOrder = (): readonly Counted[] => {
    if (moved.length === 0) return order
    order = merged(
      order.filter(({ isMoved }) => !isMoved),
      moved.sort(byWeight),
    )
    for (const each of moved) each.isMoved = false
    moved = []
    return order
  }
  /** A quarter at a time: the ranking is paid for by the items that came since. */
  const forget = (): void => {
    const all = inOrder()
    order = all.slice(0, Math.ceil((3 * most) / 4))
    for (const { item } of all.slice(order.length)) counts.delete(item)
  }
  return {
    get size() {
      return counts.size
    },
    add: (item, at) => {
      checkId('recentPopularity: item', item)
      checkNumber('recentPopularity: at', at, {})
      const own = (Math.LN2 * at) / halfLifeMs
      const found = counts.get(item)
      const counted = found ?? { item, weight: own, isMoved: false }
      if (found === undefined) counts.set(item, counted)
      else counted.weight = logSum(counted.weight, own)
      if (!counted.isMoved) moved.push(counted)
      counted.isMoved = true
      if (counts.size > most) forget()
    },
    snapshot: () =>
      [...counts.values()].map(({ item, weight }) => ({ item, at: (weight * halfLifeMs) / Math.LN2 })),
    ranked: () => {
      const time = now()
      // A clock that was set back makes nothing last.
      if (ranking !== undefined && time >= ranking.at && time < ranking.at + freshMs) return ranking.items
      const of = inOrder()
      if (ranking?.of !== of) ranking = { of, at: time, items: shares(of) }
      return ranking.items
    },
  }
}

function shares(all: readonly Counted[]): ReturnType<RecentPopularity['ranked']> {
  const highest = all[0]?.weight ?? 0
  let total = 0
  for (const { weight } of all) total += Math.exp(weight - highest)
  return all.map(({ item, weight }) => ({ item, share: Math.exp(weight - highest) / total }))
}

const byWeight = (one: Counted, other: Counted): number =>
  other.weight - one.weight || (one.item < other.item ? -1 : 1)

/** Two lists in order as one. */
function merged(one: readonly Counted[], other: readonly Counted[]): readonly Counted[] {
  const all: Counted[] = []
  let [at, next] = [0, 0]
  while (at < one.length && next < other.length)
    all.push(byWeight(one[at]!, other[next]!) < 0 ? one[at++]! : other[next++]!)
  while (at < one.length) all.push(one[at++]!)
  while (next < other.length) all.push(other[next++]!)
  return all
}

/** ln(eᵃ + eᵇ). */
const logSum = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))
