import { checkBoolean, checkNumber, checkOptions } from '../../options.ts'
import { checkSettings, coupled, normal, type UpdateRule } from './update-rule.ts'

export interface AdagradRuleOptions {
  /** The rate of update t is divided by 1 + (t − 1)·`learningRateDecay`; 0 or more. */
  readonly learningRateDecay: number
  /** Added to the root of the sum; 1e-30 or more, so that it does not vanish in float32. */
  readonly epsilon: number
  /** One sum for each row of a table, of its mean squared gradients, in place of one for each element. */
  readonly rowWise: boolean
}

const f = Math.fround

/**
 *     g ← g + decay·p;  s ← s + g²;  p ← p − rate/(1 + (t − 1)·rateDecay) · g / (√s + ε)
 *
 * Row-wise: s ← s + mean g² over the row. Paper: Duchi et al. 2011, Adaptive subgradient methods; row-wise as FBGEMM and TorchRec have it. Differs: sums below 1.2e-38 (2⁻¹²⁶) count as 0.
 * Throws `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */
export function adagrad(options: AdagradRuleOptions): UpdateRule {
  checkOptions('adagrad', options, ['learningRateDecay', 'epsilon', 'rowWise'])
  const { learningRateDecay, epsilon, rowWise } = options
  checkNumber('adagrad: learningRateDecay', learningRateDecay, { min: 0 })
  checkNumber('adagrad: epsilon', epsilon, { min: 1e-30 })
  checkBoolean('adagrad: rowWise', rowWise)
  return {
    name: rowWise ? 'rowWiseAdagrad' : 'adagrad',
    states: ['sum'],
    perRow: rowWise,
    factors: (settings) => {
      checkSettings('adagrad', settings)
      const { learningRate, weightDecay, step, gradientScale } = settings
      const rate = learningRate / (1 + (step - 1) * learningRateDecay)
      return [f(weightDecay), f(rate), f(epsilon), f(gradientScale)]
    },
    plain: rowWise ? ofRow : ofElements,
  }
}

type Factors = readonly [decay: number, rate: number, epsilon: number, scale: number]

const ofElements: UpdateRule['plain'] = ({ parameters, gradients, states: [sums] }, factors) => {
  const [decay, rate, epsilon, scale] = factors as Factors
  for (let at = 0; at < parameters.length; at++) {
    const p = parameters[at]!
    const g = coupled(gradients[at]!, p, scale, decay)
    const s = normal(f(sums![at]! + f(g * g)))
    sums![at] = s
    parameters[at] = f(p - f(f(g / f(f(Math.sqrt(s)) + epsilon)) * rate))
  }
}

const ofRow: UpdateRule['plain'] = ({ parameters, gradients, states: [sum] }, factors) => {
  const [decay, rate, epsilon, scale] = factors as Factors
  const width = parameters.length
  const whole = width - (width % 4)
  const squares = Float32Array.from(parameters, (p, at) => coupled(gradients[at]!, p, scale, decay) ** 2)
  const lanes = new Float32Array(4)
  for (let at = 0; at < whole; at++) lanes[at % 4]! += squares[at]!
  let total = f(f(lanes[0]! + lanes[1]!) + f(lanes[2]! + lanes[3]!))
  for (let at = whole; at < width; at++) total = f(total + squares[at]!)
  const s = normal(f(sum![0]! + f(total / width)))
  sum![0] = s
  const factor = f(rate / f(f(Math.sqrt(s)) + epsilon))
  for (let at = 0; at < width; at++) {
    const p = parameters[at]!
    parameters[at] = f(p - f(coupled(gradients[at]!, p, scale, decay) * factor))
  }
}
