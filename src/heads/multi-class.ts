import { RESERVED } from '../codes.ts'
import { constant, sub } from '../graph/index.ts'
import { checkNumber, checkOptions } from '../options.ts'
import type { Head } from './head.ts'
import { TARGET_OPTIONS, targetHead, type TargetHeadOptions } from './target-head.ts'
import { codesPresent, targetLosses } from './target-losses/index.ts'

export interface MultiClassHeadOptions extends TargetHeadOptions {
  /** How many values the categorical target has, without reserved codes: `fitted.vocabulary(target).values.length`, with the buckets where it has some. */
  readonly classes: number
  /** Share of the target that is spread evenly over all classes, in [0, 1); default 0. */
  readonly labelSmoothing?: number
}

/** Predicts a probability for each value of a categorical feature: class i is the code i + reserved. Unknown and missing targets do not count. Cross-entropy. */
export function multiClass(options: MultiClassHeadOptions): Head {
  checkOptions('heads.multiClass', options, [...TARGET_OPTIONS, 'classes', 'labelSmoothing'])
  const { classes, labelSmoothing = 0 } = options
  checkNumber('heads.multiClass: classes', classes, { integer: true, min: 2, max: 1_000_000 })
  checkNumber('heads.multiClass: labelSmoothing', labelSmoothing, { min: 0, below: 1 })
  return targetHead({
    kind: 'multi-class',
    options: { ...options, labelSmoothing },
    outputs: classes,
    loss: (outputs, codes) => {
      const present = codesPresent(codes)
      const targets = sub(codes, constant(RESERVED, [], 'int32'))
      const smoothing = labelSmoothing
      return { loss: targetLosses['multi-class'].loss({ outputs, targets, present }, { smoothing }), present }
    },
    predict: (outputs) => targetLosses['multi-class'].predict(outputs),
  })
}
