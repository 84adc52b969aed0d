import { boundedCache, identities, type Catalogue } from '../catalogue/index.ts'
import { itemWeights, type ItemConditions, type ItemWeights } from '../rules/index.ts'
import type { VectorFilter } from '../vector-store/filter.ts'
import type { Candidates } from './session-row.ts'

/** A catalogue as one model sees it, at an instant, under conditions. */
export interface ShopView {
  readonly weights: ItemWeights
  /** The same by the model's columns; `when`: only those that a filter is true of. */
  candidates(when?: VectorFilter): Candidates
}

/** So many are kept of a catalogue: with boosts five bytes an item each. */
const MOST_KEPT = 32

/** What the scorer's columns are: they become more where items are added. */
export interface ScoredColumns {
  readonly columns: () => number
  readonly itemAt: (column: number) => string
}

/** Views of catalogues. What repeats is the same object, so that the worker is sent it once. */
export function shopViews(
  model: ScoredColumns,
): (catalogue: Catalogue, conditions: ItemConditions, now: number) => ShopView {
  const views = new WeakMap<Catalogue, ReturnType<typeof viewsOf>>()
  return (catalogue, conditions, now) => {
    const known = views.get(catalogue) ?? viewsOf(catalogue, model)
    views.set(catalogue, known)
    return known(conditions, now)
  }
}

function viewsOf(
  catalogue: Catalogue,
  { columns, itemAt }: ScoredColumns,
): (conditions: ItemConditions, now: number) => ShopView {
  const weighed = boundedCache<ItemWeights>(MOST_KEPT)
  const kept = boundedCache<Candidates>(MOST_KEPT)
  const identity = identities()
  let [version, layout] = [-1, -1]
  let places = new Int32Array(0)
  return (conditions, now) => {
    if (version !== catalogue.version) {
      weighed.clear()
      kept.clear()
      version = catalogue.version
    }
    if (layout !== catalogue.layout || places.length !== columns()) {
      places = Int32Array.from({ length: columns() }, (_, column) => catalogue.placeOf(itemAt(column)))
      layout = catalogue.layout
      kept.clear()
    }
    // Masks are the same objects for filters that are true of the same items: one that holds the time has a new one only where an item is passed by it.
    const { filters, boosts } = conditions
    const key = [
      identity(catalogue.admitted({ now, filters }).allowed),
      ...boosts.map(({ when, add }) => `${identity(catalogue.matching(when))}+${add}`),
    ].join(' ')
    const weights = weighed.get(key, () => itemWeights(catalogue, conditions, now))
    return {
      weights,
      candidates: (when) => {
        const mask = when && catalogue.matching(when)
        return kept.get(`${key} of ${mask === undefined ? '' : identity(mask)}`, () =>
          byColumn(weights, places, mask),
        )
      },
    }
  }
}

/** What the catalogue does not have is no candidate. */
function byColumn(
  { allowed, boosts }: ItemWeights,
  places: Int32Array,
  mask: Uint8Array | undefined,
): Candidates {
  const own = Uint8Array.from(places, (place) => (place < 0 ? 0 : allowed[place]! & (mask?.[place] ?? 1)))
  if (boosts === undefined) return { allowed: own }
  return { allowed: own, boosts: Float32Array.from(places, (place) => (place < 0 ? 0 : boosts[place]!)) }
}
