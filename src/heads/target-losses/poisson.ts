import { exp, mul, sub } from '../../graph/index.ts'
import { checkOptions } from '../../options.ts'
import { firstWrong, ofPresent, type TargetLoss } from './target-loss.ts'

/**
 * Negative log-likelihood of counts y under a Poisson distribution of rate eᶻ: eᶻ − y·z. Differs: without ln y!, which no parameter
 * changes, so that it may be negative. It is on a logarithmic scale by itself and has no `log1p`.
 */
export const poisson: TargetLoss = Object.freeze({
  kind: 'poisson',
  loss: (inputs, options = {}) => {
    checkOptions("The loss 'poisson'", options, [])
    const z = inputs.outputs
    return ofPresent(inputs, (y) => sub(exp(z), mul(y, z)))
  },
  refusal: (targets) => {
    const wrong = firstWrong(targets, (target) => target < 0)
    return (
      wrong && `${wrong}, and the loss 'poisson' counts from 0. Choose another loss, or filter these events`
    )
  },
  predict: exp,
} satisfies TargetLoss)
