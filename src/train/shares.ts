import { RESERVED } from '../codes.ts'
import type { Batch } from '../data/index.ts'
import type { TensorData } from '../graph/index.ts'
import { AUXILIARY, shareInput } from '../model/losses.ts'
import type { Model } from '../model.ts'

/**
 * How much each mean of a batch's loss counts beside those of the other batches of an update, as inputs, a batch each: its share of what the mean is over, so that the sum is the mean of all batches together and not a
 * mean of means. What a mean is over: the labels, the targets that are there, or the events that a discriminator looks at.
 */
export function shares(
  model: Pick<Model, 'heads' | 'masking'>,
  batches: readonly Batch[],
): readonly Readonly<Record<string, TensorData>>[] {
  const counts = batches.map((batch) => countsOf(model, batch))
  return counts.map((own) =>
    Object.fromEntries(
      Object.entries(own).map(([term, count]) => {
        const all = counts.reduce((sum, each) => sum + each[term]!, 0)
        const data = Float32Array.of(all === 0 ? 0 : count / all)
        return [shareInput(term), { dtype: 'float32', dims: [], data }]
      }),
    ),
  )
}

/** What each mean of the loss is over. */
function countsOf(
  { heads, masking }: Pick<Model, 'heads' | 'masking'>,
  { labelItems, labelTargets, sessionTargets, segments }: Batch,
): Readonly<Record<string, number>> {
  const ofHeads = heads.map(({ name, target, predicts }) => {
    if (target === undefined) return [name, labelItems.length] as const
    return [name, present((predicts === 'labels' ? labelTargets : sessionTargets)![target]!)] as const
  })
  return {
    ...Object.fromEntries(ofHeads),
    ...(masking.auxiliary && { [AUXILIARY]: countWhere(segments, (segment) => segment > 0) }),
  }
}

const present = (column: Int32Array | Float32Array): number =>
  column instanceof Int32Array
    ? countWhere(column, (code) => code >= RESERVED)
    : countWhere(column, (value) => !Number.isNaN(value))

function countWhere(values: Int32Array | Float32Array, counts: (value: number) => boolean): number {
  let count = 0
  for (const value of values) if (counts(value)) count++
  return count
}
