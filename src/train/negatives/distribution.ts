import type { Random } from '../../random.ts'

/** A probability for each item of the catalogue to be drawn as a negative. The reserved codes are never drawn. */
export interface NegativeDistribution {
  readonly kind: string
  /** Size of the catalogue, without the reserved codes: codes from RESERVED to RESERVED + items − 1 are drawn. */
  readonly items: number
  /** Above 0 for each item, 1 in total. */
  probability(code: number): number
  /** A code. */
  draw(random: Random): number
}
