import { checkNumber, checkOptions } from '../options.ts'
import type { AdamWFactors, AdamWOptions } from './kernels.ts'

const known = [
  'learningRate',
  'beta1',
  'beta2',
  'epsilon',
  'weightDecay',
  'step',
  'gradientScale',
] as const satisfies readonly (keyof AdamWOptions)[]

/** The smallest float32 of full precision, 2⁻¹²⁶. */
export const SMALLEST_NORMAL = 2 ** -126

/** The constants of an update, worked out in float64 once for all elements. Throws for options outside their range. */
export function adamWFactors(options: AdamWOptions): AdamWFactors {
  checkOptions('adamW', options, known)
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = options
  checkNumber('adamW: learningRate', learningRate, { min: 0 })
  checkNumber('adamW: beta1', beta1, { min: 0, below: 1 })
  checkNumber('adamW: beta2', beta2, { min: 0, below: 1 })
  checkNumber('adamW: epsilon', epsilon, { min: 1e-30 })
  checkNumber('adamW: weightDecay', weightDecay, { min: 0 })
  checkNumber('adamW: step', step, { integer: true, min: 1 })
  checkNumber('adamW: gradientScale', gradientScale, { min: 0 })
  return [
    Math.fround(1 - learningRate * weightDecay),
    Math.fround(beta1),
    Math.fround(1 - beta1),
    Math.fround(beta2),
    Math.fround(1 - beta2),
    Math.fround(learningRate / (1 - beta1 ** step)),
    Math.fround(1 / Math.sqrt(1 - beta2 ** step)),
    Math.fround(epsilon),
    Math.fround(gradientScale),
  ]
}
