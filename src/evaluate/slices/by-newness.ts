import { RESERVED, UNKNOWN } from '../../codes.ts'
import { type SliceContext, type Slicing, UNKNOWN_SLICE } from './slicing.ts'

const [NEVER, RARELY, OFTEN] = ['0 events', '1-4 events', '5+ events'] as const

/** By how often the target is in training: unknown to the vocabulary, never, rarely (1 to 4 events) or more often. */
export function byNewness({ sessions, trainingEvents }: SliceContext): Slicing {
  const events = trainingEvents('new-items')
  return {
    of: (session) => {
      const target = sessions.items[sessions.offsets[session + 1]! - 1]!
      if (target === UNKNOWN) return UNKNOWN_SLICE
      const count = events[target - RESERVED]!
      return count === 0 ? NEVER : count < 5 ? RARELY : OFTEN
    },
    order: [UNKNOWN_SLICE, NEVER, RARELY, OFTEN],
  }
}
