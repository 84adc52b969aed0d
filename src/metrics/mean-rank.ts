import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'

/**
 * The 1-based rank of a target among the candidates: 1 + (scored strictly higher) + (others tied with it) / 2.
 *
 * Ties get the mean of the places that they share, so a model that scores all items alike gains nothing.
 * `scores`: [items]. `target`: a column of it. `excluded`: [items], non-zero where a column is no candidate, such as
 * items already seen; the target stays a candidate whatever it says. Infinite scores are compared as numbers are.
 *
 * Throws `TRAINING_DIVERGED` if the target or a candidate scores NaN: ranking it last would hide a broken model.
 * Throws `OPTION_INVALID` for a target outside the scores, `SHAPE_MISMATCH` if `excluded` has another length.
 */
export function meanRank(scores: Float32Array, target: number, excluded?: Uint8Array): number {
  checkNumber('The target of meanRank', target, { integer: true, min: 0, below: scores.length })
  if (excluded !== undefined && excluded.length !== scores.length)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `meanRank expects one mark an item in 'excluded': ${scores.length}, received ${excluded.length}.`,
    )
  const own = scores[target]!
  if (Number.isNaN(own)) throw notANumber(target)
  let higher = 0
  let tied = 0
  for (let column = 0; column < scores.length; column++) {
    if (column === target || (excluded !== undefined && excluded[column] !== 0)) continue
    const score = scores[column]!
    if (score > own) higher++
    else if (score === own) tied++
    // NaN is neither higher, nor tied, nor lower: counted as lower it would be in the model's favour.
    else if (Number.isNaN(score)) throw notANumber(column)
  }
  return 1 + higher + tied / 2
}

function notANumber(column: number): EnsuiteError {
  return new EnsuiteError(
    'TRAINING_DIVERGED',
    `meanRank expects scores that are numbers, received NaN in column ${column}. ` +
      'The weights have probably diverged: train again with a lower learning rate, or from an earlier checkpoint.',
  )
}
