import type { Admission, Catalogue } from '../catalogue/index.ts'
import type { VectorFilter } from '../vector-store/filter.ts'
import type { RuleEffect } from './rule.ts'

/** What is known before the top-k, of all items of a catalogue, by their places. */
export interface ItemWeights extends Admission {
  /** What is added to scores. [size]. */
  readonly boosts?: Float32Array
}

/** The part of rules that holds for all items. */
export interface ItemConditions {
  readonly filters: readonly VectorFilter[]
  readonly boosts: readonly { readonly when: VectorFilter; readonly add: number }[]
}

export const itemConditions = (effects: readonly RuleEffect[]): ItemConditions => ({
  filters: effects.flatMap(({ filter }) => filter ?? []),
  boosts: effects.flatMap(({ boosts }) => boosts ?? []),
})

/** Which items may be recommended at an instant, and what is added to their scores. */
export function itemWeights(
  catalogue: Catalogue,
  { filters, boosts }: ItemConditions,
  now: number,
): ItemWeights {
  const admitted = catalogue.admitted({ now, filters })
  if (boosts.length === 0) return admitted
  const sums = new Float32Array(admitted.allowed.length)
  for (const { when, add } of boosts) {
    const mask = catalogue.matching(when)
    for (let place = 0; place < sums.length; place++) if (mask[place] === 1) sums[place]! += add
  }
  return { ...admitted, boosts: sums }
}
