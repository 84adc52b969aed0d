/** Spearman's rank correlation of two lists, ties at the mean of their places: −1 to 1; 0 where one of them is all alike. */
export function spearman(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const [left, right] = [places(one), places(other)]
  const mean = (left.length - 1) / 2
  let [both, squareLeft, squareRight] = [0, 0, 0]
  for (const [at, place] of left.entries()) {
    both += (place - mean) * (right[at]! - mean)
    squareLeft += (place - mean) ** 2
    squareRight += (right[at]! - mean) ** 2
  }
  return squareLeft === 0 || squareRight === 0 ? 0 : both / Math.sqrt(squareLeft * squareRight)
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
