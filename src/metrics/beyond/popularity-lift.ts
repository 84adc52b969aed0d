import { beyondKind, firstOf, meanOver, setMetric, type ItemFacts, type SetMetric } from './beyond-metric.ts'

/**
 * Popularity lift at `k`: how much more popular the recommended items are than those of the histories, GAPᵣ / GAPₚ − 1. GAPₚ is the mean, over sessions, of the
 * average training events of the items before the target; GAPᵣ that of the first `k` recommended. 0: no bias, 1: twice as popular.
 *
 * A ratio of two means, so it has no value of a session. Nothing where no item of a history is in training.
 * Abdollahpouri, Mansoury, Burke and Mobasher, "The connection between popularity bias, calibration, and fairness in recommendation", RecSys 2020.
 */
export const popularityLift = beyondKind(
  { kind: 'popularity-lift', unit: 'share more than the histories' },
  (k: number, { events }: ItemFacts): SetMetric => {
    return setMetric('popularity-lift', k, (lists) => {
      let [recommended, before] = [0, 0]
      for (let session = 0; session < lists.sessions; session++) {
        recommended += meanOver(firstOf(lists, session, k), (column) => events[column]!)
        before += meanOver(lists.historyOf(session), (column) => events[column]!)
      }
      return before === 0 ? undefined : recommended / before - 1
    })
  },
)
