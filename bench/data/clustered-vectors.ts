import { createRandom } from '../../src/random.ts'

export interface ClusteredOptions {
  readonly count: number
  /** A power of 2. */
  readonly dimensions: number
  readonly seed: number
}

/** How fast the directions of a space get less important: the deviation of direction n is n^−½, as of learnt item embeddings. */
const SPECTRUM = 0.5
/** Of a vector around the middle of its cluster. With it a vector's nearest one among 100,000 is 0.83 away in cosine, as of learnt items. */
const SPREAD = 0.8
const STREAM = { middles: 1, signs: 2, rows: 3 }

/**
 * Vectors of length 1 like those of items: clusters whose sizes fall as Zipf's law has them, few important directions, and none of them along an axis. The same seed has the same clusters:
 * `first` rows on are other draws from them.
 */
export function clusteredVectors(
  { count, dimensions, seed }: ClusteredOptions,
  first: 'rows' | 'queries' = 'rows',
): Float32Array {
  const clusters = 1000
  const scales = Float64Array.from({ length: dimensions }, (_, at) => (at + 1) ** -SPECTRUM)
  const ofMiddles = createRandom(seed, STREAM.middles)
  const middles = Float32Array.from(
    { length: clusters * dimensions },
    (_, at) => ofMiddles.normal() * scales[at % dimensions]!,
  )
  const upTo: number[] = []
  for (let cluster = 0, sum = 0; cluster < clusters; cluster++) upTo.push((sum += 1 / (cluster + 1)))
  const ofSigns = createRandom(seed, STREAM.signs)
  const signs = Float32Array.from({ length: 2 * dimensions }, () => (ofSigns.uniform() < 0.5 ? -1 : 1))
  const random = createRandom(seed, STREAM.rows + (first === 'rows' ? 0 : 1))
  const all = new Float32Array(count * dimensions)
  for (let row = 0; row < count; row++) {
    const cluster = place(upTo, random.uniform() * upTo.at(-1)!)
    const vector = all.subarray(row * dimensions, (row + 1) * dimensions)
    for (let at = 0; at < dimensions; at++)
      vector[at] = middles[cluster * dimensions + at]! + SPREAD * random.normal() * scales[at]!
    turn(vector, signs.subarray(0, dimensions))
    turn(vector, signs.subarray(dimensions))
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
    for (let at = 0; at < dimensions; at++) vector[at]! /= length
  }
  return all
}

/** The first place whose value is not below. */
function place(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** A rotation, up to a factor: signs, then the Walsh–Hadamard transform. */
function turn(vector: Float32Array, signs: Float32Array): void {
  for (let at = 0; at < vector.length; at++) vector[at]! *= signs[at]!
  for (let step = 1; step < vector.length; step *= 2)
    for (let from = 0; from < vector.length; from += 2 * step)
      for (let at = from; at < from + step; at++) {
        const [one, other] = [vector[at]!, vector[at + step]!]
        vector[at] = one + other
        vector[at + step] = one - other
      }
}
