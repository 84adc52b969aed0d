import { isSource, type Sessions, type SessionSource } from '../data/index.ts'
import { itemCounts } from '../evaluate/item-counts.ts'
import type { Model } from '../model.ts'
import { RESERVED } from '../codes.ts'
import { needsCounts } from './random-draws.ts'

/** How often each item is in what is trained on, where a loss asks for it: [items]. A prepared folder is read once for it. */
export async function targetCounts(
  model: Model,
  data: Sessions | SessionSource,
): Promise<Float64Array | undefined> {
  if (!needsCounts(model.training().draws)) return undefined
  const items = model.schema.items - RESERVED
  if (!isSource(data)) return itemCounts(data, items)
  const counts = new Float64Array(items)
  for (const block of data.blocks.keys())
    for (const [column, count] of itemCounts(await data.read([block]), items).entries())
      counts[column]! += count
  return counts
}
