import { and, cast, equal, lessOrEqual, range, reshape, where, type Tensor } from '../graph/index.ts'
import type { Masking } from './masking.ts'

/** Far below any score, and still finite: a position of padding, which sees nothing, stays free of NaN. */
const HIDDEN = -1e9

/** Each event is predicted from those before it in its session; the loss stands at every position that has a next item. */
export function causal(): Masking<'causal'> {
  return Object.freeze({ kind: 'causal' as const, options: {}, attentionBias })
}

function attentionBias(segments: Tensor): Tensor {
  const [batch, time] = segments.shape as [number, number]
  const sameSession = equal(reshape(segments, [batch, time, 1]), reshape(segments, [batch, 1, time]))
  const places = cast(range(time), 'int32')
  const past = lessOrEqual(reshape(places, [1, 1, time]), reshape(places, [1, time, 1]))
  return reshape(where(and(sameSession, past), 0, HIDDEN), [batch, 1, time, time])
}
