import { RESERVED } from '../../codes.ts'
import {
  cast,
  div,
  equal,
  greater,
  greaterOrEqual,
  maximum,
  mean,
  sum,
  where,
  type Tensor,
} from '../../graph/index.ts'

export interface TargetLossInputs {
  /** What the head computes: [labels], for classes [labels, classes]. */
  readonly outputs: Tensor
  /** [labels]: float32, for classes int32 from 0. A missing one may hold anything, NaN too. */
  readonly targets: Tensor
  /** 1 where the target is there, 0 where it is missing: [labels] float32. Without it every target is there. */
  readonly present?: Tensor
}

/** One loss of a target that is not the next item, as data. A new one is a file and a line in the table `targetLosses`. */
export interface TargetLoss<Options extends object = object> {
  readonly kind: string
  /** A value a label: [labels], 0 where the target is missing. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
  loss(inputs: TargetLossInputs, options?: Options): Tensor
  /** What is wrong with targets that it cannot learn from, NaN where one is missing; default: nothing ever. */
  refusal?(targets: ArrayLike<number>, options?: Options): string | undefined
  /** What the outputs say of the target, in the target's own units: probabilities for classes. The shape of the outputs. */
  predict(outputs: Tensor, options?: Options): Tensor
}

/** The first target that `isWrong` says yes to, as the beginning of what is wrong. */
export function firstWrong(
  targets: ArrayLike<number>,
  isWrong: (target: number) => boolean,
): string | undefined {
  for (let at = 0; at < targets.length; at++)
    if (isWrong(targets[at]!)) return `there is a target of ${targets[at]!}`
  return undefined
}

/** Applies `each` to the targets that are there, and gives 0 for the others. No value of a missing target reaches a gradient. */
export function ofPresent({ targets, present }: TargetLossInputs, each: (targets: Tensor) => Tensor): Tensor {
  if (present === undefined) return each(targets)
  const there = greater(present, 0)
  return where(there, each(where(there, targets, 0)), 0)
}

/** 1 where a number is there, 0 where it is missing (NaN, which does not equal itself): [n] → [n] float32. */
export const numbersPresent = (targets: Tensor): Tensor => cast(equal(targets, targets), 'float32')

/** 1 where a code is that of a value, 0 where it is missing or unknown: [n] int32 → [n] float32. */
export const codesPresent = (codes: Tensor): Tensor => cast(greaterOrEqual(codes, RESERVED), 'float32')

/** The mean over the targets that are there, 0 where none is: loss [labels] as from a `TargetLoss` → a scalar. */
export function meanOfPresent(loss: Tensor, present?: Tensor): Tensor {
  return present === undefined ? mean(loss) : div(sum(loss), maximum(sum(present), 1))
}
