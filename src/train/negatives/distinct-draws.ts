import { RESERVED } from '../../codes.ts'
import type { Random } from '../../random.ts'
import type { NegativeDistribution } from './distribution.ts'

/** Draws sets of distinct codes. */
export interface DistinctDraws {
  /** Fills `codes`, which is shorter than the catalogue, with distinct codes and returns the number of tries it took. */
  draw(codes: Int32Array, random: Random): number
}

/** Tries a code after which the rest is drawn at once. */
const PATIENCE = 4

/**
 * Distinct codes as drawing with replacement gives them until there are enough: nothing is sorted and cut, which would favour some.
 *
 * Where few items are left to come up, ever more tries are in vain. After `PATIENCE` tries a code, what is missing is drawn by a race:
 * an item that is tried at rate p comes up first after a time of −ln(u) ÷ p, and those of the shortest times are those that would have
 * come next (Efraimidis and Spirakis 2006). Differs from trying on: time is continuous, so the number of tries is no whole one.
 *
 * Holds 4 bytes an item, and 16 more from the first race on.
 */
export function distinctDraws(distribution: NegativeDistribution): DistinctDraws {
  const { items } = distribution
  // The number of the draw in which a code was last seen: nothing is cleared between draws.
  const seen = new Uint32Array(items)
  let drawing = 0
  let memory: readonly [Float64Array, Float64Array] | undefined

  /** Fills the rest of `codes` from those not seen, and returns the time of the last. */
  const race = (rest: Int32Array, random: Random): number => {
    const [times, sorted] = (memory ??= [new Float64Array(items), new Float64Array(items)])
    for (let item = 0; item < items; item++) {
      const rate = distribution.probability(item + RESERVED)
      times[item] = seen[item] === drawing ? Infinity : -Math.log(1 - random.uniform()) / rate
    }
    sorted.set(times)
    const last = sorted.sort()[rest.length - 1]!
    let found = 0
    for (let item = 0; found < rest.length; item++) if (times[item]! <= last) rest[found++] = item + RESERVED
    return last
  }

  return {
    draw: (codes, random) => {
      if (drawing === 0xffffffff) {
        seen.fill(0)
        drawing = 0
      }
      drawing++
      let found = 0
      for (let tries = 1; tries <= PATIENCE * codes.length; tries++) {
        const code = distribution.draw(random)
        if (seen[code - RESERVED] === drawing) continue
        seen[code - RESERVED] = drawing
        codes[found++] = code
        if (found === codes.length) return tries
      }
      return PATIENCE * codes.length + race(codes.subarray(found), random)
    },
  }
}
