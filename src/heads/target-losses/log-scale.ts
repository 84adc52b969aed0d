import { add, exp, log, sub, type Tensor } from '../../graph/index.ts'

export interface LogScaleOptions {
  /** Learns ln(1 + target), for targets from 0 that spread over orders of size; default false. */
  readonly log1p?: boolean
}

/** The targets as they are learnt. */
export const toScale = (targets: Tensor, log1p: boolean): Tensor => (log1p ? log(add(targets, 1)) : targets)

/** Outputs in the targets' own units. */
export const fromScale = (outputs: Tensor, log1p: boolean): Tensor => (log1p ? sub(exp(outputs), 1) : outputs)
