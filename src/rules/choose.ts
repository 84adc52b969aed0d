import type { Exploration, Limit, RuleEffect, Spread } from './rule.ts'

/** Where an item comes from: the model; the chain that stands in for it; a rule. */
export const sources = ['model', 'similar', 'popular', 'catalogue', 'pinned', 'explored'] as const
export type Source = (typeof sources)[number]

export interface Candidate {
  readonly item: string
  readonly score: number
  readonly source: Source
}

export interface ChoiceOptions {
  readonly k: number
  readonly effects: readonly RuleEffect[]
  /** At places from 0. */
  readonly pinned: ReadonlyMap<number, Candidate>
  /** In the order in which they are drawn. */
  readonly explored: readonly Candidate[]
  readonly exploration?: Exploration | undefined
  /** Items of the stages that are there for what quotas want at least, and for nothing else: better ones may not have been looked for. */
  readonly spare?: ReadonlySet<string>
}

export interface Choice {
  readonly items: readonly Candidate[]
  /** Whether there are k, and as many of each kind as quotas want: where not, more candidates may help. */
  readonly met: boolean
}

/** A candidate with what it is ranked by. */
interface Entry {
  readonly candidate: Candidate
  /** Score and noise. */
  readonly value: number
  /** The value between the lowest (0) and the highest (1) of its stage. */
  readonly relevance: number
}

/** Of a list so many are weighed against each other at each step, the best that are left. */
const leastReach = 100

/**
 * Chooses and orders an answer. `stages`: candidates by falling score, each stage only where those before it are used up.
 *
 * Pins come first, then what quotas want at least, then new items, then the best of the rest. Nothing is chosen twice; limits turn away all but pins.
 */
export function choose(stages: readonly (readonly Candidate[])[], options: ChoiceOptions): Choice {
  const { k, effects, pinned, explored, exploration, spare = new Set() } = options
  const limits = effects.flatMap(({ limits }): readonly Limit[] => (limits ? [limits()] : []))
  const needs = effects.flatMap((effect) => effect.needs ?? [])
  const reach = Math.max(leastReach, 4 * k)
  const places = new Array<Candidate | undefined>(k).fill(undefined)
  const chosen = new Set<string>()
  const spreads = spreadsOf(effects)
  const take = ({ item }: Candidate): void => {
    chosen.add(item)
    for (const each of [...limits, ...spreads]) each.take(item)
  }
  const admits = ({ item }: Candidate): boolean =>
    !chosen.has(item) && limits.every((limit) => limit.admits(item))
  const free = (): readonly number[] => [...places.keys()].filter((at) => places[at] === undefined)

  for (const [at, candidate] of pinned)
    if (at < k) {
      places[at] = candidate
      take(candidate)
    }
  const ranked = stages.map((stage) => entriesOf(stage, effects, spare))
  let open = free().length
  const picked: Entry[][] = stages.map(() => [])
  const pickBest = (count: number, matches: (item: string) => boolean): number => {
    let done = 0
    for (const [stage, entries] of ranked.entries()) {
      const found = bestOf(entries, {
        most: Math.min(count - done, open),
        admits: ({ candidate }) => admits(candidate) && matches(candidate.item),
        take: ({ candidate }) => take(candidate),
        spreads,
        reach,
      })
      picked[stage]!.push(...found)
      done += found.length
      open -= found.length
    }
    return done
  }
  let met = true
  for (const { least, matches } of needs) {
    const have = [...chosen].filter(matches).length
    if (have < least) met = pickBest(least - have, matches) >= least - have && met
  }
  // New items take what is left over by what must be; their places are drawn among all free ones.
  const slots = exploration === undefined ? [] : exploration.places(free(), k).slice(0, open)
  let explore = 0
  for (const candidate of explored) {
    if (explore === slots.length) break
    if (!admits(candidate)) continue
    places[slots[explore++]!] = candidate
    take(candidate)
  }
  open -= explore
  pickBest(open, (item) => !spare.has(item))

  const arranged = arrange(
    picked,
    effects,
    [...places].flatMap((each) => each ?? []),
  )
  for (const at of free()) places[at] = arranged.shift()
  const items = places.flatMap((each) => each ?? [])
  return { items, met: met && items.length === k }
}

const spreadsOf = (effects: readonly RuleEffect[]): readonly Spread[] =>
  effects.flatMap(({ spread }) => (spread ? [spread()] : []))

/** What was chosen in the order in which it is told: by stage, and in it by value, or by what is unlike those before. */
function arrange(
  picked: readonly (readonly Entry[])[],
  effects: readonly RuleEffect[],
  placed: readonly Candidate[],
): Candidate[] {
  const spreads = spreadsOf(effects)
  for (const { item } of placed) for (const spread of spreads) spread.take(item)
  return picked.flatMap((entries) => {
    const sorted = [...entries].sort(byValue)
    const done = new Set<Entry>()
    return bestOf(sorted, {
      most: sorted.length,
      admits: (entry) => !done.has(entry),
      take: (entry) => {
        done.add(entry)
        for (const spread of spreads) spread.take(entry.candidate.item)
      },
      spreads,
      reach: sorted.length,
    }).map(({ candidate }) => candidate)
  })
}

interface BestOptions {
  readonly most: number
  /** Once an entry is turned away it stays so: what limits count only rises. */
  readonly admits: (entry: Entry) => boolean
  readonly take: (entry: Entry) => void
  readonly spreads: readonly Spread[]
  readonly reach: number
}

/** The best entries, in the order in which they were taken. Without spreads one pass does. */
function bestOf(
  entries: readonly Entry[],
  { most, admits, take, spreads, reach }: BestOptions,
): readonly Entry[] {
  const found: Entry[] = []
  if (spreads.length === 0) {
    for (const entry of entries) {
      if (found.length >= most) break
      if (!admits(entry)) continue
      take(entry)
      found.push(entry)
    }
    return found
  }
  let left = entries
  while (found.length < most) {
    // What is out of reach need not be asked for: it stays where it is.
    const near: Entry[] = []
    let seen = 0
    for (; seen < left.length && near.length < reach; seen++) if (admits(left[seen]!)) near.push(left[seen]!)
    left = [...near, ...left.slice(seen)]
    let best: { readonly entry: Entry; readonly worth: number } | undefined
    for (const entry of near) {
      const worth = spreads.reduce((sum, each) => sum + each.worth(entry.candidate.item, entry.relevance), 0)
      if (best === undefined || worth > best.worth) best = { entry, worth }
    }
    if (best === undefined) break
    take(best.entry)
    found.push(best.entry)
  }
  return found
}

function entriesOf(
  stage: readonly Candidate[],
  effects: readonly RuleEffect[],
  spare: ReadonlySet<string>,
): readonly Entry[] {
  const noises = effects.flatMap(({ noise }) => noise ?? [])
  const values = stage.map(({ item, score }) => noises.reduce((sum, noise) => sum + noise(item), score))
  let [low, high] = [Infinity, -Infinity]
  for (const [at, { item }] of stage.entries())
    if (!spare.has(item)) [low, high] = [Math.min(low, values[at]!), Math.max(high, values[at]!)]
  const entries = stage.map((candidate, at) => ({
    candidate,
    value: values[at]!,
    relevance: high > low ? (values[at]! - low) / (high - low) : 1,
  }))
  // Sorting keeps the order of equals: that of the vocabulary.
  return noises.length === 0 ? entries : entries.sort(byValue)
}

const byValue = (one: Entry, other: Entry): number => other.value - one.value
