import { add, div, mul, sqrt, sub, type Tensor } from '../../graph/index.ts'
import { adam as adamRule } from '../../kernels/index.ts'
import { coupled, normal } from './graph-parts.ts'
import type { CommonOptions, OptimizerKind, Rule } from './optimizer-kind.ts'

/** Options of AdamW and Adam. */
export interface AdamOptions extends CommonOptions {
  /** Default 0.9. */
  readonly beta1?: number
  /** Default 0.999. */
  readonly beta2?: number
  /** Default 1e-8. */
  readonly epsilon?: number
}

/**
 * Adam, as PyTorch has it: weight decay is added to the gradient. In tables that are updated by rows, rows that a batch did not touch keep value and moments, as PyTorch's SparseAdam does.
 *
 * Paper: Kingma and Ba 2015, Adam: a method for stochastic optimization.
 */
export const adam: OptimizerKind<AdamOptions> = {
  defaults: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  rule: ({ beta1, beta2, epsilon }) => ({
    kernel: adamRule({ beta1, beta2, epsilon }),
    start: 0,
    graph: adamGraph({ coupled: true }),
  }),
}

/** Adam and AdamW differ in where the decay is. */
export const adamGraph =
  (where: { readonly coupled: boolean }): Rule['graph'] =>
  ({ parameter, gradient, states: [first, second] }, factors, decays) => {
    const [decay, beta1, rest1, beta2, rest2, rate, correction, epsilon] = factors as Factors
    const g = coupled(gradient, parameter, where.coupled && decays ? decay : undefined)
    const m = normal(add(mul(first!, beta1), mul(g, rest1)))
    const v = normal(add(mul(second!, beta2), mul(mul(g, g), rest2)))
    const root = add(mul(sqrt(v), correction), epsilon)
    const decayed = !where.coupled && decays ? mul(parameter, decay) : parameter
    return { parameter: sub(decayed, mul(div(m, root), rate)), states: [m, v] }
  }

type Factors = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
