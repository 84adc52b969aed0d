import { RESERVED } from '../codes.ts'
import { cast, constant, gemm, mean, slice, sub, type Tensor } from '../graph/index.ts'
import { normal, table, type Scope } from '../nn/index.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { crossEntropy } from './cross-entropy.ts'
import type { Head, HeadContext } from './head.ts'

export interface NextItemOptions {
  /** Score with the item embeddings themselves (the default), or with a table of the head's own. */
  readonly tieWeights?: boolean
  /** In [0, 1); default 0. */
  readonly labelSmoothing?: number
  /** Above 0; default 1. */
  readonly temperature?: number
}

/** Predicts the next item over the whole catalogue by full softmax. Padding and unknown are never scored. */
export function nextItem(options: NextItemOptions = {}): Head {
  checkOptions('heads.nextItem', options, ['tieWeights', 'labelSmoothing', 'temperature'])
  const full = { tieWeights: true, labelSmoothing: 0, temperature: 1, ...options }
  checkNumber('heads.nextItem: labelSmoothing', full.labelSmoothing, { min: 0, below: 1 })
  checkNumber('heads.nextItem: temperature', full.temperature, { above: 0 })
  const classes = (scope: Scope, { itemTable }: HeadContext): Tensor => {
    const own = full.tieWeights
      ? itemTable
      : table(scope, itemTable.shape[0] as number, itemTable.shape[1] as number, {
          initializer: normal(0.02),
        })
    return slice(own, { axis: 0, start: RESERVED })
  }
  return Object.freeze({
    kind: 'next-item',
    options: full,
    loss: (scope: Scope, hidden: Tensor, labels: Tensor, context: HeadContext) => {
      const targets = sub(cast(labels, 'int32'), constant(RESERVED, [], 'int32'))
      return mean(
        crossEntropy(hidden, classes(scope, context), targets, {
          smoothing: full.labelSmoothing,
          temperature: full.temperature,
        }),
      )
    },
    scores: (scope: Scope, hidden: Tensor, context: HeadContext) =>
      gemm(hidden, classes(scope, context), { transposeB: true, alpha: 1 / full.temperature }),
  })
}
