import { beyondKind, setMetric, type ItemFacts, type SetMetric } from './beyond-metric.ts'
import { exposure } from './exposure.ts'

/**
 * Catalogue coverage at `k`: the share of the catalogue that is among the first `k` of some session, 0 to 1.
 * It grows with the number of sessions: compare it between models on the same sessions.
 *
 * Ge, Delgado-Battenfeld and Jannach, "Beyond accuracy: evaluating recommender systems by coverage and serendipity", RecSys 2010.
 */
export const coverage = beyondKind(
  { kind: 'coverage', unit: '0 to 1' },
  (k: number, { items }: ItemFacts): SetMetric => {
    return setMetric('coverage', k, (lists) => {
      const shown = exposure(lists, k, items)
      return shown.reduce((count, times) => count + Math.sign(times), 0) / items
    })
  },
)
