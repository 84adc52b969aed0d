import { checkNumber, checkOptions } from '../options.ts'
import { checkId } from './catalogue-item.ts'

/** How often items were in the events of late: each event counts half as much after `halfLifeMs`. */
export interface RecentPopularity {
  /** An event with this item, at an instant in milliseconds since 1970; they may come in any order. */
  add(item: string, at: number): void
  /** The items with their shares of all that is counted, the most popular first, equal ones by id. */
  ranked(): readonly { readonly item: string; readonly share: number }[]
  readonly size: number
}

/**
 * Decayed counts of at most `most` items (default 100,000; the least popular are forgotten first). `halfLifeMs`: default a day.
 *
 * A count is kept as the logarithm of Σ 2^(t ÷ halfLife): the same for all instants up to a common factor, so that nothing is ever decayed in place.
 */
export function recentPopularity(
  options: { readonly halfLifeMs?: number; readonly most?: number } = {},
): RecentPopularity {
  checkOptions('recentPopularity', options, ['halfLifeMs', 'most'])
  const { halfLifeMs = 86_400_000, most = 100_000 } = options
  checkNumber('recentPopularity: halfLifeMs', halfLifeMs, { above: 0 })
  checkNumber('recentPopularity: most', most, { integer: true, min: 1, max: 10_000_000 })
  const weights = new Map<string, number>()
  let ranking: ReturnType<RecentPopularity['ranked']> | undefined
  const byWeight = (): readonly (readonly [string, number])[] =>
    [...weights].sort(([item, left], [other, right]) => right - left || (item < other ? -1 : 1))
  return {
    get size() {
      return weights.size
    },
    add: (item, at) => {
      checkId('recentPopularity: item', item)
      checkNumber('recentPopularity: at', at, {})
      const own = (Math.LN2 * at) / halfLifeMs
      const before = weights.get(item)
      weights.set(item, before === undefined ? own : logSum(before, own))
      ranking = undefined
      // A quarter at a time: the sort is paid for by the items that came since.
      if (weights.size > most)
        for (const [each] of byWeight().slice(Math.ceil((3 * most) / 4))) weights.delete(each)
    },
    ranked: () => {
      if (ranking !== undefined) return ranking
      const all = byWeight()
      const highest = all[0]?.[1] ?? 0
      const total = all.reduce((sum, [, weight]) => sum + Math.exp(weight - highest), 0)
      return (ranking = all.map(([item, weight]) => ({ item, share: Math.exp(weight - highest) / total })))
    },
  }
}

/** ln(eᵃ + eᵇ). */
const logSum = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))
