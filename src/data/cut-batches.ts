import { checkNumber } from '../options.ts'
import type { Batch, BatchPlan } from './batches.ts'

/** Cuts `order` into batches of `batchSize` sessions, the last one maybe smaller; `make` makes a batch of its sessions. */
export function cutBatches(
  order: Int32Array,
  batchSize: number,
  make: (sessionIndices: Int32Array, index: number) => Batch,
): BatchPlan {
  const count = Math.ceil(order.length / batchSize)
  return {
    count,
    batch: (index) => {
      checkNumber('index of batch', index, { integer: true, min: 0, max: count - 1 })
      return make(order.slice(index * batchSize, (index + 1) * batchSize), index)
    },
  }
}
