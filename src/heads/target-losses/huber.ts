import { abs, minimum, mul, sub } from '../../graph/index.ts'
import { checkNumber, checkOptions } from '../../options.ts'
import { fromScale, logRefusal, toScale, type LogScaleOptions } from './log-scale.ts'
import { ofPresent, type TargetLoss } from './target-loss.ts'

export interface HuberOptions extends LogScaleOptions {
  /** Up to this distance the loss is squared, beyond it linear; above 0, default 1. */
  readonly delta?: number
}

/**
 * Huber's loss: ½d² for a distance d up to δ, δ(d − ½δ) beyond. Huber 1964.
 * With a = min(d, δ) both are a(d − ½a).
 */
export const huber: TargetLoss<HuberOptions> = Object.freeze({
  kind: 'huber',
  loss: (inputs, options = {}) => {
    checkOptions("The loss 'huber'", options, ['delta', 'log1p'])
    const { delta = 1, log1p = false } = options
    checkNumber("The loss 'huber': delta", delta, { above: 0 })
    return ofPresent(inputs, (targets) => {
      const distance = abs(sub(inputs.outputs, toScale(targets, log1p)))
      const near = minimum(distance, delta)
      return mul(near, sub(distance, mul(near, 0.5)))
    })
  },
  refusal: (targets, { log1p = false } = {}) => logRefusal(targets, log1p),
  predict: (outputs, { log1p = false } = {}) => fromScale(outputs, log1p),
} satisfies TargetLoss<HuberOptions>)
