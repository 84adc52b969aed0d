import type { Catalogue } from '../catalogue/index.ts'
import type { VectorFilter } from '../vector-store/filter.ts'
import type { RuleEffect } from './rule.ts'

/** What is known before the top-k, of all items of a catalogue, by their places. */
export interface ItemWeights {
  /** 1 where an item may be recommended. [size]. */
  readonly allowed: Uint8Array
  /** How many that is. */
  readonly count: number
  /** What is added to scores. [size]. */
  readonly boosts?: Float32Array
}

/** The part of rules that holds for all items: JSON-safe, a key of what is computed from it. */
export interface ItemConditions {
  readonly filters: readonly VectorFilter[]
  readonly boosts: readonly { readonly when: VectorFilter; readonly add: number }[]
}

export const itemConditions = (effects: readonly RuleEffect[]): ItemConditions => ({
  filters: effects.flatMap(({ filter }) => filter ?? []),
  boosts: effects.flatMap(({ boosts }) => boosts ?? []),
})

/** Which items may be recommended at an instant: those that can be had, and that all filters are true of. */
export function itemWeights(
  catalogue: Catalogue,
  { filters, boosts }: ItemConditions,
  now: number,
): ItemWeights {
  const allowed = catalogue.availableAt(now).allowed.slice()
  for (const filter of filters) {
    const mask = catalogue.matching(filter)
    for (let place = 0; place < allowed.length; place++) allowed[place]! &= mask[place]!
  }
  let count = 0
  for (const one of allowed) count += one
  if (boosts.length === 0) return { allowed, count }
  const sums = new Float32Array(allowed.length)
  for (const { when, add } of boosts) {
    const mask = catalogue.matching(when)
    for (let place = 0; place < sums.length; place++) if (mask[place] === 1) sums[place]! += add
  }
  return { allowed, count, boosts: sums }
}
