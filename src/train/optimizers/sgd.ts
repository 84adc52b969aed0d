import { add, mul, sub, type Tensor } from '../../graph/index.ts'
import { sgd as sgdRule } from '../../kernels/index.ts'
import { checkBoolean } from '../../options.ts'
import { EnsuiteError } from '../../errors.ts'
import { coupled, normal } from './graph-parts.ts'
import type { CommonOptions, OptimizerKind, Rule } from './optimizer-kind.ts'

export interface SgdOptions extends CommonOptions {
  /** Share of the velocity that is kept, in [0, 1); default 0. */
  readonly momentum?: number
  /** Whether a step looks ahead along the velocity; default false. */
  readonly nesterov?: boolean
}

/**
 * Stochastic gradient descent with momentum, as PyTorch has it without dampening. In tables that are updated by rows, rows that a batch did not touch keep value and velocity: they coast no further, and nothing
 * decays there.
 *
 * Paper: Sutskever et al. 2013, On the importance of initialization and momentum in deep learning.
 */
export const sgd: OptimizerKind<SgdOptions> = {
  defaults: { learningRate: 1e-3, momentum: 0, nesterov: false, weightDecay: 0, clipNorm: 1 },
  rule: ({ momentum, nesterov }) => {
    checkBoolean('sgd: nesterov', nesterov)
    if (nesterov && momentum === 0)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `train: optimizer: 'nesterov' is of a momentum above 0. Give one, or leave it out.`,
      )
    return {
      kernel: sgdRule({ momentum, nesterov }),
      start: 0,
      graph: momentum === 0 ? plainGraph : momentumGraph,
    }
  },
}

const plainGraph: Rule['graph'] = ({ parameter, gradient }, factors, decays) => {
  const [decay, rate] = factors as readonly [Tensor, Tensor]
  const g = coupled(gradient, parameter, decays ? decay : undefined)
  return { parameter: sub(parameter, mul(g, rate)), states: [] }
}

const momentumGraph: Rule['graph'] = ({ parameter, gradient, states: [velocity] }, factors, decays) => {
  const [decay, kept, own, ahead, rate] = factors as readonly [Tensor, Tensor, Tensor, Tensor, Tensor]
  const g = coupled(gradient, parameter, decays ? decay : undefined)
  const v = normal(add(mul(velocity!, kept), g))
  const move = add(mul(g, own), mul(v, ahead))
  return { parameter: sub(parameter, mul(move, rate)), states: [v] }
}
