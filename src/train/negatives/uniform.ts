import { RESERVED } from '../../codes.ts'
import { checkNumber } from '../../options.ts'
import { drawBelow } from './draw-below.ts'
import type { NegativeDistribution } from './distribution.ts'

/** Every item is drawn alike. */
export function uniformNegatives(items: number): NegativeDistribution {
  checkNumber('Negatives: items', items, { integer: true, min: 1 })
  const below = drawBelow(items)
  return Object.freeze({
    kind: 'uniform',
    items,
    probability: () => 1 / items,
    draw: (random) => RESERVED + below(random),
  } satisfies NegativeDistribution)
}
