import { cast, equal, mul, pad, reshape, slice, type Dim, type Tensor } from '../graph/index.ts'

/**
 * Of each event the values of the one `back` places before it in its session, zero where there is none: x [batch, time, channels] → same; segments [batch, time] int32.
 * What any convolution over events is made of: sessions share rows, and must not see each other.
 */
export function eventsBack(x: Tensor, segments: Tensor, back: number): Tensor {
  const [batch, time] = segments.shape as [Dim, Dim]
  const before = (values: Tensor): Tensor =>
    slice(pad(values, { axis: 1, before: back, after: 0 }), { axis: 1, start: 0, length: time })
  const same = reshape(cast(equal(segments, before(segments)), 'float32'), [batch, time, 1])
  return mul(before(x), same)
}
