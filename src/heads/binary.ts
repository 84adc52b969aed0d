import { cast, constant, equal, greater, type Tensor } from '../graph/index.ts'
import { checkNumber, checkOptions } from '../options.ts'
import type { Head } from './head.ts'
import { TARGET_OPTIONS, targetHead, type TargetHeadOptions } from './target-head.ts'
import { codesPresent, numbersPresent, targetLosses } from './target-losses/index.ts'

export interface BinaryHeadOptions extends TargetHeadOptions {
  /** The code of a categorical target that counts as 1, such as `fitted.vocabulary('category').encode('sale')`. Without it the target is a number, and 1 where it is above 0. */
  readonly positive?: number
  /** Weight of a target of 1 beside one of 0; default 1. */
  readonly positiveWeight?: number
}

/** Predicts the probability that a target is 1: a click, a purchase, a category. Missing targets do not count, nor do unknown ones of a category. Binary cross-entropy. */
export function binary(options: BinaryHeadOptions): Head {
  checkOptions('heads.binary', options, [...TARGET_OPTIONS, 'positive', 'positiveWeight'])
  const { positive, positiveWeight = 1 } = options
  if (positive !== undefined) checkNumber('heads.binary: positive', positive, { integer: true, min: 0 })
  checkNumber('heads.binary: positiveWeight', positiveWeight, { above: 0 })
  const isOne = (targets: Tensor): Tensor =>
    cast(
      positive === undefined
        ? greater(cast(targets, 'float32'), 0)
        : equal(cast(targets, 'int32'), constant(positive, [], 'int32')),
      'float32',
    )
  return targetHead({
    kind: 'binary',
    options: { ...options, positiveWeight },
    outputs: 1,
    loss: (outputs, given) => {
      const present = positive === undefined ? numbersPresent(given) : codesPresent(given)
      return {
        loss: targetLosses.binary.loss({ outputs, targets: isOne(given), present }, { positiveWeight }),
        present,
      }
    },
    predict: (outputs) => targetLosses.binary.predict(outputs),
  })
}
