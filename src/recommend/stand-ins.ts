import type { RecentPopularity } from '../catalogue/index.ts'
import { cosine, unitVector, type Candidate, type ItemVectors } from '../rules/index.ts'
import type { ShopOptions } from './shop-options.ts'
import { topK } from '../metrics/top-k.ts'

/** What stands in where the model has no known item to go by, or no more items to give. */
export interface StandInOptions {
  /** How many of each stage. */
  readonly most: number
  /** Items of the session, oldest first, known to the model or not. */
  readonly session: readonly string[]
  readonly vectors: ItemVectors | undefined
  /** What was found elsewhere in place of looking by `vectors`. */
  readonly similar: ShopOptions['similar']
  readonly popularity: RecentPopularity | undefined
  /** All items by falling popularity in training. */
  readonly popular: readonly { readonly item: string; readonly score: number }[]
  /** All items that there are. */
  readonly items: () => readonly string[]
  /** When an item came into the catalogue; NaN where it is not known. Undefined without a catalogue. */
  readonly addedAt: ((item: string) => number) | undefined
  /** Whether an item may be recommended, and has not been offered. */
  readonly admits: (item: string) => boolean
  /** What is added to scores; none where nothing is. */
  readonly boost?: ((item: string) => number) | undefined
}

export interface StandIns {
  readonly stages: readonly (readonly Candidate[])[]
  /** Whether there is no more than this. */
  readonly exhausted: boolean
}

/** So many of the latest items count in what is similar. */
const LATEST = 3

/**
 * The stages in their order: items like the latest of the session, then those that are popular of late, then those that were in training, then whatever else the catalogue has, the newest first. The
 * last costs a look at all items, and is there only where the others are not enough.
 */
export function standIns(options: StandInOptions): StandIns {
  const { most, similar: found, popularity, popular } = options
  const stages: (readonly Candidate[])[] = []
  const offered = new Set<string>()
  let exhausted = true
  for (const stage of [
    found === undefined ? similar : foundElsewhere(found),
    popularOf(popularity?.ranked() ?? [], ({ share }) => share),
    popularOf(popular, ({ score }) => score),
    restOfCatalogue,
  ]) {
    if (stage === restOfCatalogue && offered.size >= most) {
      exhausted = false
      break
    }
    const own = stage({ ...options, admits: (item) => !offered.has(item) && options.admits(item) })
    if (own.length === most) exhausted = false
    for (const { item } of own) offered.add(item)
    if (own.length > 0) stages.push(own)
  }
  return { stages, exhausted }
}

/** The highest cosines of vectors with the mean direction of the latest items that have some, and boosts. */
function similar({ session, vectors, items, most, admits, boost }: StandInOptions): readonly Candidate[] {
  if (vectors === undefined) return []
  const latest = [...new Set([...session].reverse())]
    .flatMap((item) => unitVector(vectors(item)) ?? [])
    .slice(0, LATEST)
  const query = unitVector(meanOf(latest))
  if (query === undefined) return []
  const known = items().filter(admits)
  const scores: number[] = []
  const named: string[] = []
  for (const item of known) {
    const unit = unitVector(vectors(item))
    if (unit?.length !== query.length) continue
    named.push(item)
    scores.push(cosine(query, unit) + (boost?.(item) ?? 0))
  }
  return best(named, scores, { most, source: 'similar' })
}

const foundElsewhere =
  (found: NonNullable<StandInOptions['similar']>) =>
  ({ most, admits, boost }: StandInOptions): readonly Candidate[] => {
    const known = found.filter(({ item }) => admits(item))
    return best(
      known.map(({ item }) => item),
      known.map(({ item, score }) => score + (boost?.(item) ?? 0)),
      { most, source: 'similar' },
    )
  }

/** What neither the model nor an event tells of: those that boosts raise first, then the newest, then in the order of their ids. */
function restOfCatalogue({ items, addedAt, most, admits, boost }: StandInOptions): readonly Candidate[] {
  if (addedAt === undefined) return []
  return items()
    .filter(admits)
    .map((item) => ({ item, score: boost?.(item) ?? 0, added: addedAt(item) }))
    .sort(
      (one, other) =>
        other.score - one.score ||
        newest(other.added) - newest(one.added) ||
        (one.item < other.item ? -1 : 1),
    )
    .slice(0, most)
    .map(({ item, score }) => ({ item, score, source: 'catalogue' }))
}

/** Long ago, where it is not known; finite, so that two of them are equal. */
const newest = (added: number): number => (Number.isNaN(added) ? -Number.MAX_VALUE : added)

function meanOf(vectors: readonly Float32Array[]): Float32Array | undefined {
  const [first, ...others] = vectors
  if (first === undefined) return undefined
  const sum = first.slice()
  for (const each of others)
    if (each.length === sum.length) for (let at = 0; at < sum.length; at++) sum[at]! += each[at]!
  return sum
}

/** Shares times what boosts make of them; without boosts those that come first are the best, and the others are not looked at. */
const popularOf =
  <Own extends { readonly item: string }>(ranked: readonly Own[], shareOf: (own: Own) => number) =>
  ({ most, admits, boost }: StandInOptions): readonly Candidate[] => {
    const known: Own[] = []
    for (const each of ranked) {
      if (boost === undefined && known.length === most) break
      if (admits(each.item)) known.push(each)
    }
    return best(
      known.map(({ item }) => item),
      known.map((own) => shareOf(own) * Math.exp(boost?.(own.item) ?? 0)),
      { most, source: 'popular' },
    )
  }

function best(
  items: readonly string[],
  scores: readonly number[],
  { most, source }: { readonly most: number; readonly source: Candidate['source'] },
): readonly Candidate[] {
  const { columns } = topK(Float32Array.from(scores), { k: most })
  return Array.from(columns, (at) => ({ item: items[at]!, score: scores[at]!, source }))
}
