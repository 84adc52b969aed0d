import { beyondKind, listMetric, meanOver, type ItemFacts, type ListMetric } from './beyond-metric.ts'

/**
 * Novelty at `k`: the mean self-information of the first `k` items in bits, −log2 of the share of training sessions that hold the item.
 * An item that no training session holds counts as one that a single session does, the most that can be told.
 *
 * Zhou, Kuscsik, Liu, Medo, Wakeling and Zhang, "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 2010;
 * Castells, Hurley and Vargas, "Novelty and diversity in recommender systems", Recommender Systems Handbook 2015, call it mean inverse user frequency.
 */
export const novelty = beyondKind(
  { kind: 'novelty', unit: 'bits' },
  (k: number, { sessions, trainingSessions }: ItemFacts): ListMetric => {
    const bits = (column: number): number => -Math.log2(Math.max(1, sessions[column]!) / trainingSessions)
    return listMetric('novelty', k, (list) => meanOver(list, bits))
  },
)
