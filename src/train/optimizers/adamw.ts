import { adamW } from '../../kernels/index.ts'
import { adamGraph, type AdamOptions } from './adam.ts'
import type { OptimizerKind } from './optimizer-kind.ts'

/**
 * AdamW, as PyTorch has it. In tables that are updated by rows, rows that a batch did not touch keep value and moments: nothing decays there.
 *
 * Paper: Loshchilov and Hutter 2019, Decoupled weight decay regularization.
 */
export const adamw: OptimizerKind<AdamOptions> = {
  defaults: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
  rule: ({ beta1, beta2, epsilon }) => ({
    kernel: adamW({ beta1, beta2, epsilon }),
    start: 0,
    graph: adamGraph({ coupled: false }),
  }),
}
