import type { Histogram } from './event-schema.ts'

const BUCKETS = 30
/** Of more values every so many are taken. */
const MOST_VALUES = 100_000

/** The histogram of the values of a parameter, or of an even sample of so many that it takes no time: thirty buckets of one width. */
export function histogramOf(values: Float32Array): Histogram {
  const step = Math.max(1, Math.ceil(values.length / MOST_VALUES))
  let [min, max, num, sum, sumSquares] = [Infinity, -Infinity, 0, 0, 0]
  for (let at = 0; at < values.length; at += step) {
    const value = values[at]!
    min = Math.min(min, value)
    max = Math.max(max, value)
    sum += value
    sumSquares += value * value
    num++
  }
  const width = (max - min) / BUCKETS
  if (width === 0 || num === 0) return { min, max, num, sum, sumSquares, bucketLimit: [max], bucket: [num] }
  const bucket = new Array<number>(BUCKETS).fill(0)
  for (let at = 0; at < values.length; at += step)
    bucket[Math.min(BUCKETS - 1, Math.floor((values[at]! - min) / width))]!++
  const bucketLimit = bucket.map((_, at) => (at === BUCKETS - 1 ? max : min + (at + 1) * width))
  return { min, max, num, sum, sumSquares, bucketLimit, bucket }
}
