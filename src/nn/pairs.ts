import {
  abs,
  cast,
  div,
  floor,
  log,
  maximum,
  minimum,
  range,
  reshape,
  sub,
  type Dim,
  type Tensor,
} from '../graph/index.ts'

/** The reference code of HSTU divides logarithms by this: buckets grow by 35 %. */
const BUCKET = 0.301

/** One bucket more than the longest time of 32 bits falls into: 68 years in seconds. */
export const TIME_BUCKETS = Math.floor(Math.log(2 ** 31) / BUCKET) + 1

/** x of the one that looks minus x of what is looked at: x [batch, time] → [batch, time, time]. */
export function differences(x: Tensor): Tensor {
  const [batch, time] = x.shape as [Dim, Dim]
  return sub(reshape(x, [batch, time, 1]), reshape(x, [batch, 1, time]))
}

/** The bucket of the time between two events, by its logarithm: elapsed [batch, time] int32 seconds → [batch, time, time] int32, below `TIME_BUCKETS`. */
export function timeBuckets(elapsed: Tensor): Tensor {
  const seconds = abs(cast(differences(elapsed), 'float32'))
  const bucket = floor(div(log(maximum(seconds, 1)), BUCKET))
  return cast(minimum(bucket, TIME_BUCKETS - 1), 'int32')
}

/** How many places earlier in the row what is looked at stands, 0 where it is later, at most `most`: → [time, time] int32. */
export function placesBack(time: Dim, most: number): Tensor {
  const places = cast(range(time), 'int32')
  const back = sub(reshape(places, [time, 1]), reshape(places, [1, time]))
  return minimum(maximum(back, 0), most)
}
