import { mul, sub } from '../../graph/index.ts'
import { checkOptions } from '../../options.ts'
import { fromScale, logRefusal, toScale, type LogScaleOptions } from './log-scale.ts'
import { ofPresent, type TargetLoss } from './target-loss.ts'

/** (output − target)². */
export const squaredError: TargetLoss<LogScaleOptions> = Object.freeze({
  kind: 'squared-error',
  loss: (inputs, options = {}) => {
    checkOptions("The loss 'squared-error'", options, ['log1p'])
    return ofPresent(inputs, (targets) => {
      const off = sub(inputs.outputs, toScale(targets, options.log1p ?? false))
      return mul(off, off)
    })
  },
  refusal: (targets, { log1p = false } = {}) => logRefusal(targets, log1p),
  predict: (outputs, { log1p = false } = {}) => fromScale(outputs, log1p),
} satisfies TargetLoss<LogScaleOptions>)
