import { add, div, mean, mul, sqrt, sub, type Tensor } from '../../graph/index.ts'
import { adagrad as adagradRule } from '../../kernels/index.ts'
import { checkBoolean, checkNumber } from '../../options.ts'
import { coupled, normal } from './graph-parts.ts'
import type { CommonOptions, OptimizerKind, Rule } from './optimizer-kind.ts'

export interface AdagradOptions extends CommonOptions {
  /** The rate of update t is divided by 1 + (t − 1)·`learningRateDecay`; default 0. */
  readonly learningRateDecay?: number
  /** Default 1e-10. */
  readonly epsilon?: number
  /** What the sums of squared gradients are before the first update; default 0. */
  readonly initialSum?: number
  /** Whether a table of codes (items, categorical features) has one sum a row, of its mean squared gradients, in place of one an element; default false. */
  readonly rowWise?: boolean
}

/**
 * Adagrad, as PyTorch has it; row-wise as FBGEMM and TorchRec have it, which takes a number a row. In tables that are updated by rows, rows that a batch did not touch keep value and sum: they have no gradient, so
 * that it is the same as a dense update but for weight decay, which they are left out of.
 *
 * Paper: Duchi et al. 2011, Adaptive subgradient methods for online learning and stochastic optimization.
 */
export const adagrad: OptimizerKind<AdagradOptions> = {
  defaults: {
    ...{ learningRate: 1e-2, learningRateDecay: 0, epsilon: 1e-10, initialSum: 0, rowWise: false },
    ...{ weightDecay: 0, clipNorm: 1 },
  },
  rule: ({ learningRateDecay, epsilon, initialSum, rowWise }, { byCode }) => {
    checkNumber('adagrad: initialSum', initialSum, { min: 0 })
    checkBoolean('adagrad: rowWise', rowWise)
    const byRow = rowWise && byCode
    return {
      kernel: adagradRule({ learningRateDecay, epsilon, rowWise: byRow }),
      start: initialSum,
      graph: byRow ? rowWiseGraph : elementGraph,
    }
  },
}

const elementGraph: Rule['graph'] = ({ parameter, gradient, states: [sum] }, factors, decays) => {
  const [decay, rate, epsilon] = factors as readonly [Tensor, Tensor, Tensor]
  const g = coupled(gradient, parameter, decays ? decay : undefined)
  const s = normal(add(sum!, mul(g, g)))
  return { parameter: sub(parameter, mul(div(g, add(sqrt(s), epsilon)), rate)), states: [s] }
}

const rowWiseGraph: Rule['graph'] = ({ parameter, gradient, states: [sum] }, factors, decays) => {
  const [decay, rate, epsilon] = factors as readonly [Tensor, Tensor, Tensor]
  const g = coupled(gradient, parameter, decays ? decay : undefined)
  // A bias of codes has no axis but that of the rows.
  const axes = parameter.shape.slice(1).map((_, at) => at + 1)
  const squares = mul(g, g)
  const s = normal(add(sum!, axes.length === 0 ? squares : mean(squares, { axes, keepDims: true })))
  return { parameter: sub(parameter, mul(g, div(rate, add(sqrt(s), epsilon)))), states: [s] }
}
