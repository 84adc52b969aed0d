import { add, mul, sigmoid, softmax, sub, sum, where } from '../../graph/index.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { scores } from './scores.ts'

/**
 * TOP1-max: Σ wⱼ (σ(sⱼ − o) + σ(sⱼ²)), with w the softmax of the negatives' scores s and o the target's score.
 * Its second term keeps the scores of negatives near 0.
 *
 * Hidasi and Karatzoglou 2018, equation 9. An accidental hit counts nothing.
 */
export const top1Max = defineSampledLoss({
  kind: 'top1-max',
  negatives: ['mixed', 'shared', 'each', 'batch'],
  options: { temperature },
  build: (inputs, options) => {
    const { own, others, hits } = scores(inputs, options)
    const kept = where(hits, 0, others)
    const terms = mul(softmax(others), add(sigmoid(sub(others, own)), sigmoid(mul(kept, kept))))
    return sum(where(hits, 0, terms), { axes: [-1] })
  },
})
