import { checkBoolean, checkNumber, checkOptions } from '../../options.ts'
import { checkSettings, coupled, normal, type UpdateRule } from './update-rule.ts'

export interface SgdRuleOptions {
  /** Share of the velocity that is kept, in [0, 1); 0 for none, which takes no memory. */
  readonly momentum: number
  /** Whether the step looks ahead along the velocity; with momentum alone. */
  readonly nesterov: boolean
}

const f = Math.fround

/**
 *     g ← g + decay·p;  v ← μv + g;  p ← p − rate·v,  with Nesterov's momentum p ← p − rate·(g + μv)
 *
 * Paper: Sutskever et al. 2013, On the importance of initialization and momentum. Differs: the rate is not in the velocity, as in PyTorch, there without dampening;
 * velocities below 1.2e-38 (2⁻¹²⁶) count as 0. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */
export function sgd(options: SgdRuleOptions): UpdateRule {
  checkOptions('sgd', options, ['momentum', 'nesterov'])
  const { momentum, nesterov } = options
  checkNumber('sgd: momentum', momentum, { min: 0, below: 1 })
  checkBoolean('sgd: nesterov', nesterov)
  return momentum === 0 ? PLAIN : withMomentum(momentum, nesterov)
}

const PLAIN: UpdateRule = {
  name: 'sgd',
  states: [],
  perRow: false,
  factors: (settings) => {
    checkSettings('sgd', settings)
    return [f(settings.weightDecay), f(settings.learningRate), f(settings.gradientScale)]
  },
  plain: ({ parameters, gradients }, factors) => {
    const [decay, rate, scale] = factors as readonly [number, number, number]
    for (let at = 0; at < parameters.length; at++) {
      const p = parameters[at]!
      parameters[at] = f(p - f(coupled(gradients[at]!, p, scale, decay) * rate))
    }
  },
}

const withMomentum = (momentum: number, nesterov: boolean): UpdateRule => ({
  name: 'momentum',
  states: ['velocity'],
  perRow: false,
  factors: (settings) => {
    checkSettings('sgd', settings)
    const { learningRate, weightDecay, gradientScale } = settings
    const [own, ahead] = nesterov ? [1, f(momentum)] : [0, 1]
    return [f(weightDecay), f(momentum), own, ahead, f(learningRate), f(gradientScale)]
  },
  plain: ({ parameters, gradients, states: [velocities] }, factors) => {
    const [decay, kept, own, ahead, rate, scale] = factors as Factors
    for (let at = 0; at < parameters.length; at++) {
      const p = parameters[at]!
      const g = coupled(gradients[at]!, p, scale, decay)
      const v = normal(f(f(velocities![at]! * kept) + g))
      velocities![at] = v
      parameters[at] = f(p - f(f(f(g * own) + f(v * ahead)) * rate))
    }
  },
})

type Factors = readonly [number, number, number, number, number, number]
