import { EnsuiteError } from '../../errors.ts'
import { checkPairs } from '../check-pairs.ts'

/** As `checkPairs`; throws `OPTION_INVALID` for a target that is neither 0 nor 1. */
export function checkBinary(
  metric: string,
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
): void {
  checkPairs(metric, targets, { predictions })
  for (let at = 0; at < targets.length; at++)
    if (targets[at] !== 0 && targets[at] !== 1)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${metric} expects targets of 0 or 1, received ${String(targets[at])} at ${at}. Leave out targets that are missing.`,
      )
}
