import { add, constant, expand, log, neg, sum, type Tensor } from '../../graph/index.ts'

/** Whether scores start from `priorLogOdds`; default true. False: as the loss was published. */
export const prior = { default: true } as const

/**
 * Where scores that are read as log-odds start: ln(β ÷ n) for n negatives and a target of weight β, the odds that a drawn item is the target while nothing is known of
 * any. A scalar, to be added to all scores of [labels, n]; it changes no order of items.
 *
 * Without it a model spends its first thousands of updates on this one number, all item embeddings moving in one direction. Lin et al. 2017 (RetinaNet, §4.1) start a
 * classifier of rare objects so; `npm run bench:losses` measures it.
 */
export function priorLogOdds(others: Tensor, beta = 1): Tensor {
  const n = others.shape[1]!
  if (typeof n === 'number') return constant(Math.log(beta / n))
  // As many negatives as labels.
  return add(neg(log(sum(expand(constant(1, [1]), [n])))), Math.log(beta))
}
