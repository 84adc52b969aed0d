import type { Recommendations } from './recommender.ts'

/** All items by falling number of events, ties by code, each with its share of all events. */
export function popularItems({
  values,
  counts,
}: {
  readonly values: readonly string[]
  readonly counts: readonly number[]
}): Recommendations['items'] {
  const total = counts.reduce((all, count) => all + count, 0)
  return [...values.keys()]
    .sort((left, right) => counts[right]! - counts[left]! || left - right)
    .map((at) => ({ item: values[at]!, score: total === 0 ? 0 : counts[at]! / total }))
}
