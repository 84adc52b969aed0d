import type { Catalogue } from '../catalogue/index.ts'
import type { VectorFilter } from '../vector-store/filter.ts'

/** The vector of an item, by its id; undefined where it has none. */
export type ItemVectors = (item: string) => Float32Array | undefined

/** What rules are checked against and act on. */
export interface RuleContext {
  readonly catalogue?: Catalogue | undefined
  readonly vectors?: ItemVectors | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One rule: a file, and a line in `kinds.ts`. */
export interface Rule<Options> {
  /** The options as they are used. Throws `OPTION_INVALID` or `OPTION_UNKNOWN`, naming the path, for all else. */
  read(value: unknown, path: string, context: RuleContext): Options
  /** What it does to one answer. */
  effect(options: Options, context: RuleContext): RuleEffect
}

/** What a rule does; each part is asked for at one point of the way. */
export interface RuleEffect {
  // Before the top-k, over all items.
  readonly filter?: VectorFilter
  /** Items that are left out. */
  readonly hidden?: readonly string[]
  /** Added to the scores of what a filter is true of. */
  readonly boosts?: readonly { readonly when: VectorFilter; readonly add: number }[]
  // After it, in what is chosen.
  /** Items at places, counted from 0. */
  readonly pins?: readonly { readonly item: string; readonly place: number }[]
  readonly exploration?: Exploration
  /** Added to a score in ranking, and not told. */
  readonly noise?: (item: string) => number
  /** Made anew for each answer. */
  readonly limits?: () => Limit
  readonly needs?: readonly Need[]
  /** Made anew for each answer. */
  readonly spread?: () => Spread
}

/** What an answer may not have more of. */
export interface Limit {
  admits(item: string): boolean
  take(item: string): void
}

/** What an answer is to have at least so many of. */
export interface Need {
  readonly least: number
  readonly when: VectorFilter
  readonly matches: (item: string) => boolean
}

/** Weighs an item against those that were taken before. */
export interface Spread {
  /** `relevance`: from 0 to 1 within the list that the item comes from. */
  worth(item: string, relevance: number): number
  take(item: string): void
}

/** Places for new items. */
export interface Exploration {
  isNew(added: number): boolean
  /** In the order in which they are drawn. */
  drawn(items: readonly string[]): readonly string[]
  /** Some of the free places. */
  places(free: readonly number[], k: number): readonly number[]
}
