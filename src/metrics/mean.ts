/** The arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[] | Float64Array): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]!
  return sum / values.length
}

/** The standard error of the mean of some values, s / √n with s the sample standard deviation (n − 1 degrees of freedom); fewer than two have none. */
export function standardError(values: readonly number[] | Float64Array): number | undefined {
  if (values.length < 2) return undefined
  const center = mean(values)
  // Two passes: the sum of squares minus the square of the sum cancels when all values are near each other.
  let squares = 0
  for (let at = 0; at < values.length; at++) squares += (values[at]! - center) ** 2
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
