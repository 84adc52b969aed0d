import { add, mul, neg, sigmoid, softplus, sub } from '../../graph/index.ts'
import { checkNumber, checkOptions } from '../../options.ts'
import { ofPresent, type TargetLoss } from './target-loss.ts'

export interface BinaryOptions {
  /** Weight of a target of 1 beside one of 0; above 0, default 1. */
  readonly positiveWeight?: number
}

/**
 * Binary cross-entropy of logits z: −w·y·ln σ(z) − (1 − y)·ln(1 − σ(z)), with w the positive weight. Targets y: 0, 1, or between.
 * Each logarithm is a softplus of its own, so that neither cancels at large logits.
 */
export const binary: TargetLoss<BinaryOptions> = Object.freeze({
  kind: 'binary',
  loss: (inputs, options = {}) => {
    checkOptions("The loss 'binary'", options, ['positiveWeight'])
    const { positiveWeight = 1 } = options
    checkNumber("The loss 'binary': positiveWeight", positiveWeight, { above: 0 })
    const z = inputs.outputs
    return ofPresent(inputs, (y) =>
      add(mul(mul(y, positiveWeight), softplus(neg(z))), mul(sub(1, y), softplus(z))),
    )
  },
  predict: sigmoid,
} satisfies TargetLoss<BinaryOptions>)
