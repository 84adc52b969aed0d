import { add, neg, reshape, softplus, sum } from '../../graph/index.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { prior, priorLogOdds } from './prior.ts'
import { scores } from './scores.ts'

/**
 * Binary cross-entropy: −ln σ(o) − Σ ln(1 − σ(s)), with o the target's score and s those of the negatives.
 *
 * Kang and McAuley 2018 (SASRec) draw one negative a label. Of more the sum is taken, so that a negative weighs as much as
 * there, whatever their number. An accidental hit counts nothing. `prior`: see `priorLogOdds`; of one negative it is 0.
 */
export const bce = defineSampledLoss({
  kind: 'bce',
  negatives: ['each', 'shared', 'batch', 'mixed'],
  options: { temperature, prior },
  build: (inputs, { prior, ...options }) => {
    const { own, others } = scores(inputs, options)
    const start = prior ? priorLogOdds(others) : 0
    const ofNegatives = sum(softplus(add(others, start)), { axes: [-1] })
    return add(reshape(softplus(neg(add(own, start))), [-1]), ofNegatives)
  },
})
