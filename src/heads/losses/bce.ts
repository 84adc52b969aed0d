import { add, neg, reshape, softplus, sum } from '../../graph/index.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { scores } from './scores.ts'

/**
 * Binary cross-entropy: −ln σ(o) − Σ ln(1 − σ(s)), with o the target's score and s those of the negatives.
 *
 * Kang and McAuley 2018 (SASRec) draw one negative a label. Of more the sum is taken, so that a negative weighs as much as
 * there, whatever their number. An accidental hit counts nothing.
 */
export const bce = defineSampledLoss({
  kind: 'bce',
  negatives: ['each', 'shared', 'batch', 'mixed'],
  options: { temperature },
  build: (inputs, options) => {
    const { own, others } = scores(inputs, options)
    const ofNegatives = sum(softplus(others), { axes: [-1] })
    return add(reshape(softplus(neg(own)), [-1]), ofNegatives)
  },
})
