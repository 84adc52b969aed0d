import { checkNumber } from '../../options.ts'
import { checkPairs } from '../check-pairs.ts'

/** As `checkPairs`; throws `OPTION_INVALID` for a target that is no class. */
export function checkClasses(
  metric: string,
  targets: ArrayLike<number>,
  { predictions, classes }: { readonly predictions: ArrayLike<number>; readonly classes: number },
): void {
  checkNumber(`${metric}: classes`, classes, { integer: true, min: 1 })
  checkPairs(metric, targets, { predictions, each: classes })
  for (let at = 0; at < targets.length; at++)
    checkNumber(`${metric}: the target at ${at}`, targets[at]!, { integer: true, min: 0, below: classes })
}
