import { checkBinary } from './check-binary.ts'

/** Probabilities nearer to 0 or 1 are taken as this far away: a sure and wrong one counts 34.5 nats. */
const CLIP = 1e-15

/** Mean of −ln p(target), in nats: targets [n], 0 or 1; probabilities [n] of the target 1. NaN where there are none. */
export function logLoss(targets: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  checkBinary('logLoss', targets, probabilities)
  let total = 0
  for (let at = 0; at < targets.length; at++) {
    const p = Math.min(Math.max(probabilities[at]!, CLIP), 1 - CLIP)
    total -= targets[at] === 1 ? Math.log(p) : Math.log1p(-p)
  }
  return total / targets.length
}
