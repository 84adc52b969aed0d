/** Of a normal distribution 95 % lie within so many deviations. */
const NORMAL = 1.959963984540054
/** The same of Student's distribution with one, two and three degrees of freedom, where the series below is not near enough. */
const FEW = [12.706204736, 4.30265273, 3.182446305] as const

/**
 * Within how many standard errors of a mean 95 % lie where the deviation is told from `count` values: more than 1.96 where they are few. From 2 values on.
 * Student's t at 0.975 with `count` − 1 degrees of freedom, right to 1e-3. Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
 */
export function studentDeviations(count: number): number {
  const degrees = count - 1
  const z = NORMAL
  return (
    FEW[degrees - 1] ??
    z +
      (z ** 3 + z) / (4 * degrees) +
      (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
      (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3) +
      (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92_160 * degrees ** 4)
  )
}
