/**
 * Up to where numbers are added exactly, and how many parts each 1 has: 2⁹⁰ ≈ 1.2e27.
 *
 * A number is cut into its whole part and its fraction in 2⁻⁹⁰, the rest of it dropped. Both are whole numbers, so that their sums do
 * not depend on the order in which an engine adds, and 2³⁷ of them fit into 128 bits. The sum is
 * nearest(Σ whole) + nearest(Σ fraction) ÷ 2⁹⁰, `nearest` being the nearest double.
 */
export const EXACT = 2 ** 90

/** A sum that grows: the same number as a Dialect's `exactSum`. */
export interface ExactSum {
  readonly add: (x: number) => void
  /** Null before the first number, and for good after one beyond ±2⁹⁰. */
  readonly value: () => number | null
}

export function exactSum(): ExactSum {
  let [whole, fraction] = [0n, 0n]
  let known: boolean | undefined
  return {
    add: (x) => {
      known = known !== false && Math.abs(x) <= EXACT
      if (!known) return
      const floor = Math.trunc(x)
      whole += BigInt(floor)
      fraction += BigInt(Math.trunc((x - floor) * EXACT))
    },
    value: () => (known === true ? Number(whole) + Number(fraction) / EXACT : null),
  }
}
