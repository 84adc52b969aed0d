import { RESERVED } from '../codes.ts'
import { itemCounts } from '../baselines/item-counts.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { categoryDiversity, vectorDiversity, type ItemFacts } from '../metrics/beyond/index.ts'
import { checkOptions } from '../options.ts'

/** What is measured beyond accuracy, where it is asked for; `{}` for all that needs nothing more than the training sessions. */
export interface BeyondOptions {
  /** Vectors of the items, row by row, [items * width]: what diversity goes by. `itemVectors` gives those of a model. Default: none. */
  readonly vectors?: { readonly values: Float32Array; readonly width: number }
  /** The category of each item, [items], a negative number for none: what diversity goes by in place of vectors. `itemCategories` gives those of a feature. Default: none. */
  readonly categories?: ArrayLike<number>
}

/**
 * What the training sessions say of the items, and how lists of them are diverse.
 * Throws `OPTION_UNKNOWN`, `OPTION_INVALID` for vectors and categories at once, and for sessions with items beyond the catalogue; `SHAPE_MISMATCH` unless there are as many as items.
 */
export function itemFacts(
  train: Sessions,
  { items, beyond = {} }: { readonly items: number; readonly beyond?: BeyondOptions },
): ItemFacts {
  checkOptions('beyond of evaluateRanking', beyond, ['vectors', 'categories'])
  const { vectors, categories } = beyond
  if (vectors !== undefined && categories !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'beyond of evaluateRanking takes vectors or categories, as diversity goes by one of them. Leave the other one out.',
    )
  const rows = vectors === undefined ? categories?.length : vectors.values.length / vectors.width
  if (rows !== undefined && rows !== items)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `beyond of evaluateRanking expects one of ${vectors ? 'the vectors' : 'the categories'} for each of the ${items} items, received ${rows}.`,
    )
  return {
    items,
    events: itemCounts(train, items),
    sessions: sessionCounts(train, items),
    trainingSessions: train.count,
    ...(vectors && { diversity: vectorDiversity(vectors.values, vectors.width) }),
    ...(categories && { diversity: categoryDiversity(categories) }),
  }
}

/** How many sessions hold each item: [items]. */
function sessionCounts({ count, offsets, items: codes }: Sessions, items: number): Int32Array {
  const counts = new Int32Array(items)
  /** The last session that held it, from 1. */
  const last = new Int32Array(items)
  for (let session = 0; session < count; session++)
    for (const code of codes.subarray(offsets[session], offsets[session + 1])) {
      const column = code - RESERVED
      if (column < 0 || last[column] === session + 1) continue
      last[column] = session + 1
      counts[column]!++
    }
  return counts
}
