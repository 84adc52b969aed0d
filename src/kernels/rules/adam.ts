import { checkNumber, checkOptions } from '../../options.ts'
import { checkSettings, coupled, normal, type UpdateRule } from './update-rule.ts'

export interface AdamRuleOptions {
  /** Decay of the mean of gradients, in [0, 1). */
  readonly beta1: number
  /** Decay of the mean of squared gradients, in [0, 1). */
  readonly beta2: number
  /** Added to the root of the second moment; 1e-30 or more, so that it does not vanish in float32. */
  readonly epsilon: number
}

/**
 *     p ← (1 − rate·decay)·p;  m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²
 *     p ← p − rate/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
 *
 * Paper: Loshchilov and Hutter 2019, Decoupled weight decay regularization. Differs: the decay is multiplied by the
 * learning rate, as in PyTorch; moments below 1.2e-38 (2⁻¹²⁶) count as 0. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */
export const adamW = (options: AdamRuleOptions): UpdateRule => adamOf('adamW', options)

/**
 * The same with g ← g + decay·p in place of p ← (1 − rate·decay)·p.
 *
 * Paper: Kingma and Ba 2015, Adam. Differs: moments below 1.2e-38 (2⁻¹²⁶) count as 0. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */
export const adam = (options: AdamRuleOptions): UpdateRule => adamOf('adam', options)

const f = Math.fround

function adamOf(name: 'adamW' | 'adam', options: AdamRuleOptions): UpdateRule {
  checkOptions(name, options, ['beta1', 'beta2', 'epsilon'])
  const { beta1, beta2, epsilon } = options
  checkNumber(`${name}: beta1`, beta1, { min: 0, below: 1 })
  checkNumber(`${name}: beta2`, beta2, { min: 0, below: 1 })
  checkNumber(`${name}: epsilon`, epsilon, { min: 1e-30 })
  const isCoupled = name === 'adam'
  return {
    name,
    states: ['first', 'second'],
    perRow: false,
    factors: (settings) => {
      checkSettings(name, settings)
      const { learningRate, weightDecay, step, gradientScale } = settings
      return [
        f(isCoupled ? weightDecay : 1 - learningRate * weightDecay),
        f(beta1),
        f(1 - beta1),
        f(beta2),
        f(1 - beta2),
        f(learningRate / (1 - beta1 ** step)),
        f(1 / Math.sqrt(1 - beta2 ** step)),
        f(epsilon),
        f(gradientScale),
      ]
    },
    plain: ({ parameters, gradients, states: [first, second] }, factors) => {
      const [decay, beta1, rest1, beta2, rest2, rate, correction, epsilon, scale] = factors as Factors
      for (let at = 0; at < parameters.length; at++) {
        const p = parameters[at]!
        const g = isCoupled ? coupled(gradients[at]!, p, scale, decay) : f(gradients[at]! * scale)
        const m = normal(f(f(first![at]! * beta1) + f(g * rest1)))
        const v = normal(f(f(second![at]! * beta2) + f(f(g * g) * rest2)))
        const root = f(f(f(Math.sqrt(v)) * correction) + epsilon)
        parameters[at] = f((isCoupled ? p : f(p * decay)) - f(f(m / root) * rate))
        first![at] = m
        second![at] = v
      }
    },
  }
}

type Factors = readonly [number, number, number, number, number, number, number, number, number]
