import { firstOf, type RecommendedLists } from './beyond-metric.ts'

/** In how many of the lists each item is among the first `k`: [items]. */
export function exposure(lists: RecommendedLists, k: number, items: number): Float64Array {
  const counts = new Float64Array(items)
  for (let session = 0; session < lists.sessions; session++)
    for (const column of firstOf(lists, session, k)) counts[column]!++
  return counts
}
