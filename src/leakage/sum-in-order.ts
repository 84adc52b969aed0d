import { places, spearman } from './spearman.ts'

/** Rounds of fitting; a few are enough for sums and what is monotone in them, such as their logarithms. */
const ROUNDS = 8
/** What is not even half in the order, and comes no nearer, does not come into it. */
const FAR = 0.5

/**
 * The sums of normalised values, with that many times each of their `counts` added that brings them nearest to the order of `own`. A sum of the values before normalisation is one of these: with
 * values `(x − mean) / deviation` it is `deviation · sum + mean · count`, and neither is known here.
 *
 * Least squares of `own` on both; then of what the fit itself has at the places of `own`, so that any increasing function of the sum is found, too.
 */
export function sumInOrder(own: ArrayLike<number>, sums: Float64Array, counts: Float64Array): Float64Array {
  const order = places(own)
  let best = sums
  let nearest = Math.abs(spearman(own, sums))
  for (const start of [Float64Array.from(own), order]) {
    let [wanted, before] = [start, 0]
    for (let round = 0; round < ROUNDS; round++) {
      const fit = fitted(wanted, sums, counts)
      if (fit === undefined) break
      const near = Math.abs(spearman(own, fit))
      if (near > nearest) [best, nearest] = [fit, near]
      if (near < FAR && near <= before) break
      before = near
      const sorted = fit.toSorted()
      wanted = order.map((place) => sorted[Math.floor(place)]!)
    }
  }
  return best
}

/** `wanted` by least squares from two columns; nothing where these are the same but for scale, as where all counts are. */
function fitted(wanted: Float64Array, one: Float64Array, other: Float64Array): Float64Array | undefined {
  const [y, a, b] = [centred(wanted), centred(one), centred(other)]
  const [aa, ab, bb] = [product(a, a), product(a, b), product(b, b)]
  const determinant = aa * bb - ab * ab
  if (!(determinant > 1e-9 * aa * bb)) return undefined
  const [ay, by] = [product(a, y), product(b, y)]
  const [first, second] = [(ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant]
  return a.map((value, at) => first * value + second * b[at]!)
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

const product = (one: Float64Array, other: Float64Array): number =>
  one.reduce((sum, value, at) => sum + value * other[at]!, 0)
