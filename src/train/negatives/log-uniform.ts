import { RESERVED } from '../../codes.ts'
import { checkNumber } from '../../options.ts'
import type { NegativeDistribution } from './distribution.ts'

/**
 * Zipf's law: the item of rank r, counted from 0, is drawn with probability ln((r + 2) ÷ (r + 1)) ÷ ln(items + 1).
 * Codes stand in order of falling frequency, as vocabularies give them, so that the rank is the code less RESERVED.
 *
 * It is the `log_uniform_candidate_sampler` of TensorFlow: a rank is ⌊e^(u·ln(items + 1))⌋ − 1 for a uniform u.
 */
export function logUniformNegatives(items: number): NegativeDistribution {
  checkNumber('Negatives: items', items, { integer: true, min: 1 })
  const range = Math.log(items + 1)
  return Object.freeze({
    kind: 'log-uniform',
    items,
    probability: (code) => Math.log1p(1 / (code - RESERVED + 1)) / range,
    // e^(u·range) may be rounded up to items + 1.
    draw: (random) => RESERVED + Math.min(Math.floor(Math.exp(random.uniform() * range)), items) - 1,
  } satisfies NegativeDistribution)
}
