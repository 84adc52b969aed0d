import { RESERVED } from '../../codes.ts'
import { EnsuiteError } from '../../errors.ts'
import { add, mul, neg, reshape, softplus, sum, type Tensor } from '../../graph/index.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { prior, priorLogOdds } from './prior.ts'
import { scores } from './scores.ts'

/**
 * Generalised binary cross-entropy: −ln σ(o)^β − Σ ln(1 − σ(s)), with o the target's score and s those of the negatives.
 * The power is taken as β·ln σ(o) = −β·softplus(−o), which is finite for every score.
 *
 * Petrov and Macdonald 2023 (gSASRec). α: negatives ÷ (items − 1), the sampling rate, 1 at most; `calibration` is their t, from 0 (plain
 * `bce`) to 1 (fully calibrated), default 0.75; β = α(t(1 − 1/α) + 1/α) = 1 − t(1 − α).
 * Differs: the sum over negatives is not divided by their number + 1, so that t = 0 is `bce`; `prior`: see `priorLogOdds`.
 */
export const gbce = defineSampledLoss({
  kind: 'gbce',
  negatives: ['each', 'shared'],
  options: { temperature, prior, calibration: { default: 0.75, min: 0, max: 1 } },
  build: (inputs, { calibration, prior, ...options }) => {
    const { own, others } = scores(inputs, options)
    const beta = 1 - calibration * (1 - samplingRate(others, inputs.table))
    const start = prior ? priorLogOdds(others, beta) : 0
    const ofTarget = mul(reshape(softplus(neg(add(own, start))), [-1]), beta)
    return add(ofTarget, sum(softplus(add(others, start)), { axes: [-1] }))
  },
})

function samplingRate(others: Tensor, table: Tensor): number {
  const [negatives, rows] = [others.shape[1], table.shape[0]]
  if (typeof negatives !== 'number' || typeof rows !== 'number')
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The loss 'gbce' needs fixed numbers of negatives and items, received ${negatives} and ${rows}.`,
    )
  return Math.min(1, negatives / Math.max(1, rows - RESERVED - 1))
}
