import { beyondKind, listMetric, type ItemFacts, type ListMetric } from './beyond-metric.ts'

/**
 * Intra-list diversity at `k`: the mean distance of two of the first `k` items. Of vectors (`vectorDiversity`) the distance is 1 − cosine, from 0 to 2, of
 * categories (`categoryDiversity`) 1 where they differ, else 0. A list of fewer than two items has 0. Nothing where it is not said what makes items alike.
 *
 * Smyth and McClave, "Similarity vs. diversity", ICCBR 2001; Ziegler, McNee, Konstan and Lausen, "Improving recommendation lists through topic diversification", WWW 2005.
 */
export const diversity = beyondKind(
  { kind: 'diversity', unit: 'mean distance' },
  (k: number, { diversity: of }: ItemFacts): ListMetric | undefined => {
    return of && listMetric('diversity', k, of)
  },
)
