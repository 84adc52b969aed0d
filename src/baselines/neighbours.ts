import type { SessionIndex } from './session-index.ts'

/** How like sessions are found and what they say: what V-SkNN, STAN and VSTAN differ in. */
export interface NeighbourRules {
  /** How many sessions are listened to. */
  readonly neighbours: number
  /** How many of the most recent sessions with an item of the prefix are compared; 0: all. */
  readonly sampleSize: number
  readonly similarity: 'cosine' | 'share'
  /** Weight of the event at `place`, from 1, of a prefix of `length`, in the similarity. */
  readonly ofEvent: (place: number, length: number) => number
  /** Weight of a neighbour that ended so long before the latest one; units of the times. */
  readonly ofAge: (age: number) => number
  /** Weight of a neighbour whose latest shared item is at `place` of the prefix. */
  readonly ofMatch: (place: number, length: number) => number
  /** Weight of an item so many places from the last shared one of the neighbour. */
  readonly ofDistance: (distance: number) => number
  /** An item's score is multiplied by 1 + idfWeight · ln(sessions ÷ occurrences). */
  readonly idfWeight: number
  /** Whether items of the prefix are scored. */
  readonly remind: boolean
  /** Whether these are multiplied by 1 + how often they occur in the prefix. */
  readonly pushReminders: boolean
}

interface Neighbour {
  readonly session: number
  readonly similarity: number
  /** Of the latest shared item in the prefix. */
  readonly place: number
}

/**
 * Scores by the sessions nearest to a prefix: columns → `row` [items], where an item that no neighbour holds stays 0.
 *
 * Sessions that are equally like it are taken by recency, and sums go in that order, so that scores are the same on every machine. Only neighbours are touched.
 */
export function neighbourScores(
  index: SessionIndex,
  rules: NeighbourRules,
  items: number,
): (prefix: Int32Array, row: Float32Array) => void {
  /** Last place of each item in the prefix, from 1; 0 for the others. */
  const placeOf = new Int32Array(items)
  const sums = new Float64Array(items)
  return (prefix, row) => {
    const length = prefix.length
    for (const [at, column] of prefix.entries()) placeOf[column] = at + 1
    const idf = (column: number): number =>
      1 + rules.idfWeight * Math.log(index.size() / index.counts[column]!)
    const touched: number[] = []
    for (const { session, similarity, place } of nearest(index, rules, prefix, placeOf)) {
      const own = similarity * rules.ofMatch(place, length)
      let shared = 0
      index.visit(session, (column, at) => {
        if (placeOf[column]! > 0) shared = at
      })
      index.visit(session, (column, at) => {
        if (!rules.remind && placeOf[column]! > 0) return
        touched.push(column)
        const weight = rules.idfWeight === 0 ? 1 : idf(column)
        sums[column]! += own * weight * rules.ofDistance(Math.abs(at - shared))
      })
    }
    for (const column of touched) row[column] = sums[column]!
    if (rules.pushReminders)
      for (const [column, times] of occurrences(prefix)) row[column] = sums[column]! * (times + 1)
    for (const column of touched) sums[column] = 0
    for (const column of prefix) placeOf[column] = 0
  }
}

function occurrences(prefix: Int32Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const column of prefix) counts.set(column, (counts.get(column) ?? 0) + 1)
  return counts
}

function nearest(
  index: SessionIndex,
  rules: NeighbourRules,
  prefix: Int32Array,
  placeOf: Int32Array,
): readonly Neighbour[] {
  const wanted = prefix.filter((column, at) => placeOf[column] === at + 1)
  const weights = Float64Array.from(wanted, (column) => rules.ofEvent(placeOf[column]!, prefix.length))
  const norm = rules.similarity === 'cosine' ? length(weights) : wanted.length
  const found: Neighbour[] = []
  let newest: number | undefined
  eachRecent(index, wanted, rules.sampleSize || Infinity, (session, shared) => {
    newest ??= index.endOf(session)
    let sum = 0
    for (const at of shared) sum += weights[at]!
    const size = rules.similarity === 'cosine' ? norm * Math.sqrt(index.distinctOf(session)) : norm
    const similarity = (sum / size) * rules.ofAge(newest - index.endOf(session))
    // `wanted` is ordered by last places: the last one that is shared is the latest.
    if (similarity > 0) found.push({ session, similarity, place: placeOf[wanted[shared.at(-1)!]!]! })
  })
  if (found.length <= rules.neighbours) return found
  // A stable sort: equal ones stay by recency.
  return found.sort((one, other) => other.similarity - one.similarity).slice(0, rules.neighbours)
}

const length = (vector: Float64Array): number =>
  Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))

/** The most recent sessions that hold one of the columns, the latest first, each with the indices of the columns that it holds, ascending. */
function eachRecent(
  index: SessionIndex,
  wanted: Int32Array,
  most: number,
  visit: (session: number, shared: readonly number[]) => void,
): void {
  const lists = Array.from(wanted, (column) => index.ofItem(column))
  const next = lists.map((list) => list.length - 1)
  for (let taken = 0; taken < most; taken++) {
    let latest = -1
    let shared: number[] = []
    for (const [at, list] of lists.entries()) {
      const session = list[next[at]!]
      if (session === undefined) continue
      if (session === latest) shared.push(at)
      else if (latest < 0 || index.byRecency(session, latest) > 0) {
        latest = session
        shared = [at]
      }
    }
    if (latest < 0) return
    for (const at of shared) next[at]!--
    visit(latest, shared)
  }
}
