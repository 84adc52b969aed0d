import type { Batch } from './batches.ts'

type Feed =
  | { readonly dtype: 'int32'; readonly dims: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }

/** A batch as the model's inputs, by name. `withLabels: false` leaves out what only a loss needs. */
export function batchFeeds(
  batch: Batch,
  options: { readonly withLabels?: boolean } = {},
): Readonly<Record<string, Feed>> {
  const dims = [batch.rows, batch.time]
  const grid = (data: Int32Array): Feed => ({ dtype: 'int32', dims, data })
  const list = (data: Int32Array): Feed => ({ dtype: 'int32', dims: [data.length], data })
  return {
    items: grid(batch.items),
    ...Object.fromEntries(
      Object.entries(batch.categorical).map(([name, codes]) => [`categorical.${name}`, grid(codes)]),
    ),
    ...Object.fromEntries(
      Object.entries(batch.continuous).map(([name, data]) => [
        `continuous.${name}`,
        { dtype: 'float32' as const, dims, data },
      ]),
    ),
    segments: grid(batch.segments),
    positions: grid(batch.positions),
    labelPositions: list(batch.labelPositions),
    ...(options.withLabels === false ? {} : { labelItems: list(batch.labelItems) }),
  }
}
