import type { Batch } from './batches.ts'

interface Codes {
  readonly dtype: 'int32'
  readonly dims: readonly number[]
  readonly data: Int32Array
}

/** A batch as the model's inputs, by name. `withLabels: false` leaves out what only a loss needs. */
export function batchFeeds(
  batch: Batch,
  options: { readonly withLabels?: boolean } = {},
): Readonly<Record<string, Codes>> {
  const dims = [batch.rows, batch.time]
  const grid = (data: Int32Array): Codes => ({ dtype: 'int32', dims, data })
  const list = (data: Int32Array): Codes => ({ dtype: 'int32', dims: [data.length], data })
  return {
    items: grid(batch.items),
    ...Object.fromEntries(
      Object.entries(batch.categorical).map(([name, codes]) => [`categorical.${name}`, grid(codes)]),
    ),
    segments: grid(batch.segments),
    positions: grid(batch.positions),
    labelPositions: list(batch.labelPositions),
    ...(options.withLabels === false ? {} : { labelItems: list(batch.labelItems) }),
  }
}
