import { add, cast, logSoftmax, mean, mul, neg, pick, reshape, softmax } from '../../graph/index.ts'
import { checkNumber, checkOptions } from '../../options.ts'
import { ofPresent, type TargetLoss } from './target-loss.ts'

export interface MultiClassOptions {
  /** Share of the target that is spread evenly over all classes; from 0, below 1, default 0. */
  readonly smoothing?: number
}

/**
 * Cross-entropy of the softmax over few classes: outputs [labels, classes], targets [labels] int32 from 0 → [labels].
 * Label smoothing after Szegedy et al. 2016.
 */
export const multiClass: TargetLoss<MultiClassOptions> = Object.freeze({
  kind: 'multi-class',
  loss: (inputs, options = {}) => {
    checkOptions("The loss 'multi-class'", options, ['smoothing'])
    const { smoothing = 0 } = options
    checkNumber("The loss 'multi-class': smoothing", smoothing, { min: 0, below: 1 })
    const logProbabilities = logSoftmax(inputs.outputs)
    return ofPresent(inputs, (classes) => {
      const column = reshape(cast(classes, 'int32'), [-1, 1])
      const ofTarget = neg(reshape(pick(logProbabilities, column), [-1]))
      if (smoothing === 0) return ofTarget
      const ofAll = neg(mean(logProbabilities, { axes: [-1] }))
      return add(mul(ofTarget, 1 - smoothing), mul(ofAll, smoothing))
    })
  },
  predict: softmax,
} satisfies TargetLoss<MultiClassOptions>)
