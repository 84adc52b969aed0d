import { UNKNOWN } from '../codes.ts'
import type { Sessions } from './sessions.ts'

/**
 * The sessions without the events whose item the vocabulary does not know, as a recommender reads a live session.
 * With `keepTargets`, the last event of each session stays whatever it is: it is ranked and, where unknown, a miss.
 */
export function knownEvents(
  sessions: Sessions,
  { keepTargets = false }: { readonly keepTargets?: boolean } = {},
): Sessions {
  if (!sessions.items.includes(UNKNOWN)) return sessions
  const { count, offsets: before, items, categorical, continuous, times, ids } = sessions
  const kept = new Int32Array(items.length)
  const offsets = new Int32Array(count + 1)
  let total = 0
  for (let index = 0; index < count; index++) {
    const last = before[index + 1]! - 1
    for (let event = before[index]!; event <= last; event++)
      if (items[event] !== UNKNOWN || (keepTargets && event === last)) kept[total++] = event
    offsets[index + 1] = total
  }
  const events = kept.subarray(0, total)
  return {
    count,
    offsets,
    items: Int32Array.from(events, (event) => items[event]!),
    categorical: Object.fromEntries(
      Object.entries(categorical).map(([name, codes]) => [
        name,
        Int32Array.from(events, (event) => codes[event]!),
      ]),
    ),
    continuous: Object.fromEntries(
      Object.entries(continuous).map(([name, values]) => [
        name,
        Float32Array.from(events, (event) => values[event]!),
      ]),
    ),
    ...(times !== undefined && { times: Float64Array.from(events, (event) => times[event]!) }),
    ids,
  }
}
