import { checkOptions } from '../../options.ts'
import { checkClasses } from './check-classes.ts'

/** Smaller probabilities are taken as this: a target that was ruled out counts 34.5 nats. */
const CLIP = 1e-15

/** Mean of −ln p(target), in nats: targets [n], from 0; probabilities [n, classes], row after row. NaN where there are none. */
export function logLoss(
  targets: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  options: { readonly classes: number },
): number {
  checkOptions('logLoss', options, ['classes'])
  const { classes } = options
  checkClasses('logLoss', targets, { predictions: probabilities, classes })
  let total = 0
  for (let at = 0; at < targets.length; at++)
    total -= Math.log(Math.max(probabilities[at * classes + targets[at]!]!, CLIP))
  return total / targets.length
}
