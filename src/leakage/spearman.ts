/** Spearman's rank correlation of two lists, ties at the mean of their places: −1 to 1; 0 where one of them is all alike. */
export const spearman = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  correlation(places(one), places(other)).value

/** From this correlation of places on, all that is known is looked at. */
const LIKELY = 0.9

/** A quick look at places, NaN where one is not known, before all that is known is compared: whether they may be those of lists in all but one order, either way round. So they may where fewer than `least` are known of both. */
export function mayAgree(one: Float64Array, other: Float64Array, least: number): boolean {
  const { value, count } = correlation(one, other)
  return count < least || Math.abs(value) >= LIKELY
}

/** Pearson's correlation of what is known of both, 0 where one of them is all alike; and how much that is. */
function correlation(
  one: Float64Array,
  other: Float64Array,
): { readonly value: number; readonly count: number } {
  let [count, sumOne, sumOther] = [0, 0, 0]
  for (let at = 0; at < one.length; at++) {
    if (Number.isNaN(one[at]! + other[at]!)) continue
    count++
    sumOne += one[at]!
    sumOther += other[at]!
  }
  const [meanOne, meanOther] = [sumOne / count, sumOther / count]
  let [both, squareOne, squareOther] = [0, 0, 0]
  for (let at = 0; at < one.length; at++) {
    const [left, right] = [one[at]! - meanOne, other[at]! - meanOther]
    if (Number.isNaN(left + right)) continue
    both += left * right
    squareOne += left ** 2
    squareOther += right ** 2
  }
  const isFlat = squareOne === 0 || squareOther === 0
  return { value: isFlat ? 0 : both / Math.sqrt(squareOne * squareOther), count }
}

/** The places of the values that are known, among these; NaN of the others. */
export function placesOfKnown(values: Float64Array): Float64Array {
  const known = Int32Array.from(values.keys()).filter((at) => !Number.isNaN(values[at]!))
  const found = new Float64Array(values.length).fill(NaN)
  for (const [at, place] of places(Float64Array.from(known, (each) => values[each]!)).entries())
    found[known[at]!] = place
  return found
}

/** The place of each value in the order of all, from 0; those that are alike have the mean of theirs. */
export function places(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, at) => at).sort(
    (left, right) => values[left]! - values[right]!,
  )
  const found = new Float64Array(values.length)
  for (let start = 0; start < order.length;) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let at = start; at < end; at++) found[order[at]!] = (start + end - 1) / 2
    start = end
  }
  return found
}
