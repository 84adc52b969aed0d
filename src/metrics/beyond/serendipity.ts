import { beyondKind, listMetric, type ItemFacts, type ListMetric } from './beyond-metric.ts'

/**
 * Serendipity at `k`: Σ max(P(i) − Prim(i), 0) · rel(i) over the first `k` items, over their number. rel(i) is 1 for the item that came next, else 0; P(i) = (n + 1 − place) / n
 * says how high item i of a catalogue of n was recommended, Prim(i) = (n + 1 − place by training events) / n how high popularity has it: 0 for an item without any.
 * So it counts hits alone, and those the more that popularity would not have given. Places by popularity that are tied are the mean of theirs.
 *
 * Murakami, Mori and Orihara, "Metrics for evaluating the serendipity of recommendation lists", JSAI 2007, with ranks for their probabilities.
 */
export const serendipity = beyondKind(
  { kind: 'serendipity', unit: '0 to 1' },
  (k: number, { items, events }: ItemFacts): ListMetric => {
    const places = popularityPlaces(events)
    return listMetric('serendipity', k, (list, target) => {
      const at = target < 0 ? -1 : list.indexOf(target)
      if (at === -1) return 0
      const primitive = events[target] === 0 ? 0 : items + 1 - places[target]!
      return Math.max(items - at - primitive, 0) / items / list.length
    })
  },
)

/** The place of each item by falling values, from 1, tied ones at the mean of their places: [items]. */
function popularityPlaces(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, column) => column).sort(
    (left, right) => values[right]! - values[left]!,
  )
  const places = new Float64Array(values.length)
  for (let start = 0; start < order.length;) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let at = start; at < end; at++) places[order[at]!] = (start + 1 + end) / 2
    start = end
  }
  return places
}
