import { RESERVED } from '../codes.ts'
import { cast, constant, gather, gemm, mean, slice, sub, type Tensor } from '../graph/index.ts'
import { normal, table, type Scope } from '../nn/index.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { crossEntropy } from './cross-entropy.ts'
import type { HeadStates, HeadTargets, ItemHead } from './head.ts'

export interface NextItemOptions {
  /** Score with the item embeddings themselves (the default), or with a table of the head's own. */
  readonly tieWeights?: boolean
  /** In [0, 1); default 0. */
  readonly labelSmoothing?: number
  /** Above 0; default 1. */
  readonly temperature?: number
  /** Of its loss beside that of other heads; default 1. */
  readonly weight?: number
}

/** Predicts the next item over the whole catalogue by full softmax. Padding and unknown are never scored. */
export function nextItem(options: NextItemOptions = {}): ItemHead {
  checkOptions('heads.nextItem', options, ['tieWeights', 'labelSmoothing', 'temperature', 'weight'])
  const full = { tieWeights: true, labelSmoothing: 0, temperature: 1, weight: 1, ...options }
  checkNumber('heads.nextItem: labelSmoothing', full.labelSmoothing, { min: 0, below: 1 })
  checkNumber('heads.nextItem: temperature', full.temperature, { above: 0 })
  checkNumber('heads.nextItem: weight', full.weight, { min: 0 })
  const ownTable = (scope: Scope, { itemTable }: HeadStates): Tensor =>
    full.tieWeights
      ? itemTable
      : table(scope, itemTable.shape[0] as number, itemTable.shape[1] as number, {
          initializer: normal(0.02),
        })
  const classes = (scope: Scope, states: HeadStates): Tensor =>
    slice(ownTable(scope, states), { axis: 0, start: RESERVED })
  return Object.freeze<ItemHead>({
    kind: 'next-item',
    options: full,
    name: 'next-item',
    weight: full.weight,
    predicts: 'labels',
    readsAllItems: full.tieWeights,
    loss: (scope: Scope, states: HeadStates, { items }: HeadTargets) => {
      const targets = sub(cast(items, 'int32'), constant(RESERVED, [], 'int32'))
      return mean(
        crossEntropy(states.hidden, classes(scope, states), targets, {
          smoothing: full.labelSmoothing,
          temperature: full.temperature,
        }),
      )
    },
    predictions: (scope: Scope, states: HeadStates) =>
      gemm(states.hidden, classes(scope, states), { transposeB: true, alpha: 1 / full.temperature }),
    scoresOf: (scope: Scope, states: HeadStates, codes: Tensor) =>
      gemm(states.hidden, gather(ownTable(scope, states), codes), {
        transposeB: true,
        alpha: 1 / full.temperature,
      }),
  })
}
