import { RESERVED } from '../../codes.ts'
import { EnsuiteError } from '../../errors.ts'
import { checkNumber } from '../../options.ts'
import { aliasTable } from './alias-table.ts'
import type { NegativeDistribution } from './distribution.ts'

/**
 * An item is drawn in proportion to how often it occurs, to a power. An item that never occurs counts as one that occurs once,
 * so that every item can be a negative.
 *
 * `counts`: [items], column `j` for code `j + RESERVED`, as `itemCounts` gives them. `power`: from 0 (uniform) to 1, default 0.75,
 * as in Mikolov et al. 2013. Throws `OPTION_INVALID` for counts that are no numbers from 0.
 */
export function frequencyNegatives(
  counts: Float64Array,
  options: { readonly power?: number } = {},
): NegativeDistribution {
  const { power = 0.75 } = options
  checkNumber('Negatives: power', power, { min: 0, max: 1 })
  checkNumber('Negatives: the number of counts', counts.length, { min: 1 })
  const bad = counts.findIndex((count) => !(count >= 0 && count < Infinity))
  if (bad >= 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Negatives expect counts from 0, received ${counts[bad]!} for code ${bad + RESERVED}. Give what itemCounts returned.`,
    )
  const probabilities = counts.map((count) => Math.max(count, 1) ** power)
  const total = probabilities.reduce((sum, each) => sum + each, 0)
  for (const column of probabilities.keys()) probabilities[column]! /= total
  const draw = aliasTable(probabilities)
  return Object.freeze({
    kind: 'frequency',
    items: counts.length,
    probability: (code) => probabilities[code - RESERVED]!,
    draw: (random) => RESERVED + draw(random),
  } satisfies NegativeDistribution)
}
