import { EnsuiteError } from '../errors.ts'

/** More items than these belong into the next training. */
export const MOST_ADDED = 10_000

/** Items that the catalogue has got since training, by their embeddings. A place that is taken stays taken, so that what is under way stays true. */
export interface AddedItems {
  readonly count: number
  /** [count · width]: those there are. The view is of this moment. */
  readonly vectors: Float32Array
  placeOf(item: string): number | undefined
  itemAt(place: number): string
  /** Throws `OPTION_INVALID` where there would be too many with these. */
  checkRoom(items: readonly string[]): void
  /** Adds items, or gives those that are there other embeddings. Throws what `checkRoom` throws. */
  put(items: readonly string[], vectors: Float32Array): void
}

export function createAddedItems(width: number): AddedItems {
  const places = new Map<string, number>()
  let items: readonly string[] = []
  let vectors = new Float32Array(0)
  const freshOf = (ids: readonly string[]): readonly string[] => {
    const fresh = [...new Set(ids)].filter((item) => !places.has(item))
    const count = items.length + fresh.length
    if (count <= MOST_ADDED) return fresh
    throw new EnsuiteError(
      'OPTION_INVALID',
      `addItems: with these there would be ${count} new items, and there may be ${MOST_ADDED}. Train again with them in the catalogue.`,
    )
  }
  return {
    get count() {
      return items.length
    },
    get vectors() {
      return vectors
    },
    placeOf: (item) => places.get(item),
    itemAt: (place) => items[place]!,
    checkRoom: (ids) => void freshOf(ids),
    put: (ids, given) => {
      const fresh = freshOf(ids)
      const count = items.length + fresh.length
      // A batch that is under way may still hold the old one.
      const grown = new Float32Array(count * width)
      grown.set(vectors)
      for (const [at, item] of fresh.entries()) places.set(item, items.length + at)
      for (const [at, item] of ids.entries())
        grown.set(given.subarray(at * width, (at + 1) * width), places.get(item)! * width)
      items = [...items, ...fresh]
      vectors = grown
    },
  }
}
