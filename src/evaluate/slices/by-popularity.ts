import { RESERVED, UNKNOWN } from '../../codes.ts'
import { type SliceContext, type Slicing, UNKNOWN_SLICE } from './slicing.ts'

/** Shares of the training events where the head ends, and where the tail begins. */
const HEAD = 0.2
const TAIL = 0.8

/**
 * By how popular the target is: `head`, the most popular items that together have the first 20 % of the training events, `tail`, the least popular that have the last 20 %, `torso` between.
 * Items with as many events are in the same group. Abdollahpouri, Mansoury, Burke, Mobasher and Malthouse, "User-centered evaluation of popularity bias in recommender systems", UMAP 2021.
 */
export function byPopularity({ sessions, trainingEvents }: SliceContext): Slicing {
  const events = trainingEvents('popularity')
  const groups = groupsByCount(events)
  return {
    of: (session) => {
      const target = sessions.items[sessions.offsets[session + 1]! - 1]!
      return target === UNKNOWN ? UNKNOWN_SLICE : groups.get(events[target - RESERVED]!)!
    },
    order: ['head', 'torso', 'tail', UNKNOWN_SLICE],
  }
}

/** The group of an item by how many events it has. */
function groupsByCount(events: ArrayLike<number>): ReadonlyMap<number, string> {
  const perCount = new Map<number, number>()
  let total = 0
  for (let column = 0; column < events.length; column++) {
    const count = events[column]!
    perCount.set(count, (perCount.get(count) ?? 0) + 1)
    total += count
  }
  const groups = new Map<number, string>()
  let before = 0
  for (const count of [...perCount.keys()].sort((left, right) => right - left)) {
    groups.set(count, before < HEAD * total ? 'head' : before < TAIL * total ? 'torso' : 'tail')
    before += count * perCount.get(count)!
  }
  return groups
}
