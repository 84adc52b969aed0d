import { cast, div, maximum, not, reshape, softplus, sub, sum } from '../../graph/index.ts'
import { defineSampledLoss, temperature } from './loss.ts'
import { scores } from './scores.ts'

/**
 * Bayesian personalised ranking: the mean over negatives of −ln σ(o − s), with o the target's score and s those of the negatives.
 *
 * Rendle et al. 2009 draw one negative; the mean of more is as in Hidasi et al. 2016. An accidental hit is no negative: it is not in
 * the mean, which is 0 where nothing is left. The paper's penalty on the parameters is the optimizer's weight decay.
 */
export const bpr = defineSampledLoss({
  kind: 'bpr',
  negatives: ['each', 'shared', 'batch', 'mixed'],
  options: { temperature },
  build: (inputs, options) => {
    const { own, others, hits } = scores(inputs, options)
    const total = sum(softplus(sub(others, own)), { axes: [-1] })
    const negatives = sum(cast(not(hits), 'float32'), { axes: [-1] })
    return div(reshape(total, [-1]), maximum(negatives, 1))
  },
})
