import { RESERVED } from '../codes.ts'
import { firstTarget } from '../data/time-leak.ts'
import { FILLS_GAPS } from './future-events.ts'
import { itemNames } from './item-names.ts'
import { counted, type LeakCheck } from './leakage-input.ts'

/** Items in training that are first seen after the first target: at the time of that target they did not exist. And events of items before they are first seen. */
export const futureItems: LeakCheck = (input) => {
  const { train, validation, test, split, firstSeen } = input
  const { items, times } = train
  if (times === undefined || validation.times === undefined || test.times === undefined) return []
  const first = Math.min(firstTarget(validation), firstTarget(test))
  const seen = new Map<number, number>()
  const early = new Set<number>()
  let events = 0
  for (const [event, item] of items.entries()) {
    if (item < RESERVED) continue
    const time = times[event]!
    const given = firstSeen?.[item - RESERVED] ?? NaN
    const isGiven = Number.isFinite(given)
    if (isGiven && time < given) {
      events++
      early.add(item)
    }
    seen.set(item, isGiven ? given : Math.min(time, seen.get(item) ?? Infinity))
  }
  const future = [...seen].filter(([, time]) => time > first).map(([item]) => item)
  const byDesign = split !== undefined && FILLS_GAPS.includes(split)
  return [
    ...(future.length === 0
      ? []
      : [
          {
            kind: 'future-items',
            severity: byDesign ? ('by-design' as const) : ('error' as const),
            count: future.length,
            examples: itemNames(input, future),
            message: `${counted(future.length, 'item')} in training first seen after the first target. ${
              byDesign
                ? `A ${split} split knows items that did not exist yet.`
                : 'Train on what was there before the first target: divide by time.'
            }`,
          },
        ]),
    ...(events === 0
      ? []
      : [
          {
            kind: 'item-before-it-was',
            severity: 'error' as const,
            count: events,
            examples: itemNames(input, early),
            message: `${counted(events, 'training event')} of items before they are first seen by the catalogue. One of the two times is wrong: look at their units and zones.`,
          },
        ]),
  ]
}
