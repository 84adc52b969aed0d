import { checkNumber } from '../options.ts'
import type { KeepDraw } from './kernels.ts'

/**
 * The share of elements that `dropoutMask` keeps at this `probability` of dropping: the nearest n/256, at least 1/256.
 * A kept element of a mask is 1/share exactly (in float32), so that the mean of a mask is 1.
 *
 * Throws `OPTION_INVALID` unless `probability` is in [0, 1).
 */
export function keptShare(probability: number): number {
  checkNumber('dropout probability', probability, { min: 0, below: 1 })
  return Math.max(1, Math.round(256 * (1 - probability))) / 256
}

/** The same as numbers for the kernel: a byte keeps its element if it is at most `last`. */
export function keepDraw(probability: number): KeepDraw {
  const share = keptShare(probability)
  return { last: share * 256 - 1, value: Math.fround(1 / share) }
}
