import type { Random } from '../random.ts'
import type { Targets } from './masking.ts'

export const lastEvent = (events: number): Targets => ({ events: Int32Array.of(events - 1) })

/** The indices where `chosen` is true, ascending. */
const chosenEvents = (chosen: Uint8Array): Int32Array =>
  Int32Array.from(chosen.keys()).filter((event) => chosen[event] === 1)

/** Each event with this probability; one of all where none came up, and all but one where all did. */
export function eachWithProbability(events: number, probability: number, random: Random): Int32Array {
  const chosen = Uint8Array.from({ length: events }, () => (random.uniform() < probability ? 1 : 0))
  return chosenEvents(someAndNotAll(chosen, random))
}

/**
 * Spans of 1 to `maxSpan` events, each inside a stretch of `span ÷ probability` events at a random place of it; one event where no span lies in the session,
 * and all but one where they cover it.
 */
export function spans(
  events: number,
  { probability, maxSpan }: { readonly probability: number; readonly maxSpan: number },
  random: Random,
): Int32Array {
  const chosen = new Uint8Array(events)
  for (let start = 0; start < events;) {
    const span = 1 + random.below(maxSpan)
    const stretch = Math.max(span, Math.floor(span / probability))
    const from = start + random.below(stretch - span + 1)
    chosen.fill(1, from, from + span)
    start += stretch
  }
  return chosenEvents(someAndNotAll(chosen, random))
}

export const allButOne = (events: number, random: Random): Int32Array =>
  chosenEvents(someAndNotAll(new Uint8Array(events).fill(1), random))

function someAndNotAll(chosen: Uint8Array, random: Random): Uint8Array {
  if (!chosen.includes(1)) chosen[random.below(chosen.length)] = 1
  else if (!chosen.includes(0)) chosen[random.below(chosen.length)] = 0
  return chosen
}

/** The places from 1 to `count` in a random order. */
export function randomOrder(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, at) => at + 1)
  random.shuffle(order)
  return order
}
