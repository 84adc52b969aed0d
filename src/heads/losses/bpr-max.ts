import { add, exp, logSoftmax, mul, neg, reshape, softplus, sub, sum, where } from '../../graph/index.ts'
import { logSumExp } from './log-sum-exp.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { scores } from './scores.ts'

/**
 * BPR-max: −ln Σ wⱼ σ(o − sⱼ) + λ Σ wⱼ sⱼ², with w the softmax of the negatives' scores s and o the target's score.
 *
 * Hidasi and Karatzoglou 2018, equation 14; `regularization` is their λ, from 0, default 1. The first sum is taken in logarithms:
 * ln wⱼ − softplus(sⱼ − o). An accidental hit weighs nothing.
 */
export const bprMax = defineSampledLoss({
  kind: 'bpr-max',
  negatives: ['mixed', 'shared', 'each', 'batch'],
  options: { temperature, regularization: { default: 1, min: 0 } },
  build: (inputs, { regularization, ...options }) => {
    const { own, others, hits } = scores(inputs, options)
    const logWeights = logSoftmax(others)
    const ranked = neg(logSumExp(sub(logWeights, softplus(sub(others, own)))))
    if (regularization === 0) return reshape(ranked, [-1])
    const kept = where(hits, 0, others)
    const penalty = sum(mul(exp(logWeights), mul(kept, kept)), { axes: [-1], keepDims: true })
    return reshape(add(ranked, mul(penalty, regularization)), [-1])
  },
})
