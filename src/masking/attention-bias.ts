import { cast, equal, less, lessOrEqual, or, range, reshape, where, type Tensor } from '../graph/index.ts'
import { HIDDEN } from '../nn/index.ts'

type Size = Tensor['shape'][number]

const sizes = (segments: Tensor): readonly [Size, Size] => segments.shape as readonly [Size, Size]

/** A value a position as one that looks [batch, time, 1], and as one that is looked at [batch, 1, time]. */
const looking = (x: Tensor): Tensor => reshape(x, [...x.shape, 1])
const lookedAt = (x: Tensor): Tensor => reshape(x, [x.shape[0]!, 1, x.shape[1]!])

/** Whether two positions are of one session: [batch, time, time]. */
export const sameSession = (segments: Tensor): Tensor => equal(looking(segments), lookedAt(segments))

/** Whether a position is looked at from itself or from a later one: [1, time, time]. */
export function isPast(segments: Tensor): Tensor {
  const places = reshape(cast(range(sizes(segments)[1]), 'int32'), [1, sizes(segments)[1]])
  return lessOrEqual(lookedAt(places), looking(places))
}

/** Whether a position is looked at from itself: [1, time, time]. */
export function isItself(segments: Tensor): Tensor {
  const places = reshape(cast(range(sizes(segments)[1]), 'int32'), [1, sizes(segments)[1]])
  return equal(looking(places), lookedAt(places))
}

/** Whether what is looked at is shown, or predicted before what looks: [batch, time, time]. */
export const isPredictedBefore = (order: Tensor): Tensor =>
  or(equal(lookedAt(order), 0), less(lookedAt(order), looking(order)))

/** Where each position may look, as a bias: [batch, 1, time, time]. */
export function biasOf(segments: Tensor, allowed: Tensor = sameSession(segments)): Tensor {
  const [batch, time] = sizes(segments)
  return reshape(where(allowed, 0, HIDDEN), [batch, 1, time, time])
}
