import { reshape, softplus, sub } from '../../graph/index.ts'
import { logSumExp } from './log-sum-exp.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { scores } from './scores.ts'

/**
 * Cross-entropy of the softmax over the target and the negatives, each score less its logQ; the full softmax where every item is a
 * negative with logQ 0. With o the target's score and s those of the negatives: ln(1 + Σ e^(s − o)), an accidental hit left out of the sum.
 *
 * `correctTarget`: true takes logQ off the target's score, too, as Jean et al. 2015, TensorFlow, and for in-batch negatives
 * Yi et al. 2019 do. The best scores are then the full softmax's, but the loss on the way is another: for uniform negatives the correction
 * cancels. false (the default) leaves the target's score as it is, because the target is there by certainty and not by chance: e^o + Σ e^(s − logQ) is an
 * estimate of the softmax's sum without bias (Bengio and Senécal 2008), and value and gradient are near the full softmax's already with
 * few negatives (Khrylchenko et al. 2025). Mixed negatives: Yang et al. 2020.
 */
export const sampledSoftmax = defineSampledLoss({
  kind: 'sampled-softmax',
  negatives: ['shared', 'each', 'batch', 'mixed'],
  options: { temperature, correctTarget: { default: false } },
  corrects: true,
  build: (inputs, { temperature, correctTarget }) => {
    const { own, others } = scores(inputs, {
      temperature,
      correct: correctTarget ? 'all' : 'negatives',
    })
    return reshape(softplus(sub(logSumExp(others), own)), [-1])
  },
})
