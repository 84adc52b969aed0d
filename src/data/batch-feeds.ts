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
  const targets = (of: string, columns: Batch['labelTargets'] = {}): Readonly<Record<string, Feed>> =>
    Object.fromEntries(
      Object.entries(columns).map(([name, data]) => [
        `${of}.${name}`,
        data instanceof Int32Array ? list(data) : { dtype: 'float32', dims: [data.length], data },
      ]),
    )
  const span = batch.sessionPlaces.length / Math.max(1, batch.sessionIndices.length)
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
    ...(batch.elapsed && { elapsed: grid(batch.elapsed) }),
    sessionPlaces: { dtype: 'int32', dims: [batch.sessionIndices.length, span], data: batch.sessionPlaces },
    labelPositions: list(batch.labelPositions),
    ...targets('labelTarget', batch.labelTargets),
    ...targets('sessionTarget', batch.sessionTargets),
    ...(batch.order && { order: grid(batch.order) }),
    ...(batch.labelAt && { labelAt: grid(batch.labelAt) }),
    ...(options.withLabels === false ? {} : { labelItems: list(batch.labelItems) }),
  }
}
