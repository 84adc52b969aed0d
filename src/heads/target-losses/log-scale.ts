import { add, exp, log, sub, type Tensor } from '../../graph/index.ts'
import { firstWrong } from './target-loss.ts'

export interface LogScaleOptions {
  /** Learns ln(1 + target), for targets from 0 that spread over orders of size; default false. */
  readonly log1p?: boolean
}

/** The targets as they are learnt. */
export const toScale = (targets: Tensor, log1p: boolean): Tensor => (log1p ? log(add(targets, 1)) : targets)

/** Outputs in the targets' own units. */
export const fromScale = (outputs: Tensor, log1p: boolean): Tensor => (log1p ? sub(exp(outputs), 1) : outputs)

/** ln(1 + target) is there above −1 alone. */
export function logRefusal(targets: ArrayLike<number>, log1p: boolean): string | undefined {
  const wrong = log1p ? firstWrong(targets, (target) => target <= -1) : undefined
  return wrong && `${wrong}, and log1p takes targets above -1. Leave log1p out, or filter these events`
}
