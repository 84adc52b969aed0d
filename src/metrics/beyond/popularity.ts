import { beyondKind, listMetric, meanOver, type ItemFacts, type ListMetric } from './beyond-metric.ts'

/**
 * Average recommendation popularity at `k`: how many training events the first `k` items have, on average.
 *
 * Yin, Cui, Li, Yao and Chen, "Challenging the long tail recommendation", VLDB 2012; as a measure of popularity bias:
 * Abdollahpouri, Burke and Mobasher, "Managing popularity bias in recommender systems with personalized re-ranking", FLAIRS 2019.
 */
export const popularity = beyondKind(
  { kind: 'popularity', unit: 'training events of an item' },
  (k: number, { events }: ItemFacts): ListMetric => {
    return listMetric('popularity', k, (list) => meanOver(list, (column) => events[column]!))
  },
)
