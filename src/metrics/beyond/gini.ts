import { beyondKind, setMetric, type ItemFacts, type SetMetric } from './beyond-metric.ts'
import { exposure } from './exposure.ts'

/**
 * Gini index of exposure at `k`: Σᵢ (2i − n − 1) xᵢ / (n Σ x), with x how often each of the n items of the catalogue is among the first `k` of a session, ascending.
 * 0 where all items are shown alike, 1 − 1 / n where one is shown alone. Nothing where no list holds an item.
 *
 * Adomavicius and Kwon, "Improving aggregate recommendation diversity using ranking-based techniques", TKDE 2012. Differs: theirs is 1 less this;
 * some divide by n − 1 in place of n, so that one item alone has 1.
 */
export const gini = beyondKind(
  { kind: 'gini', unit: '0 to 1' },
  (k: number, { items }: ItemFacts): SetMetric => {
    return setMetric('gini', k, (lists) => {
      const shown = exposure(lists, k, items).sort()
      let [weighted, total] = [0, 0]
      for (const [at, times] of shown.entries()) {
        weighted += (2 * (at + 1) - items - 1) * times
        total += times
      }
      return total === 0 ? undefined : weighted / (items * total)
    })
  },
)
