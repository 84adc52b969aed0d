import { mul, type Tensor } from '../graph/index.ts'
import type { Scope } from './scope.ts'

/** Drops elements in training, with this probability; the mask holds the scale, so the rest costs one product. */
export function dropout(scope: Scope, x: Tensor, probability: number): Tensor {
  const mask = scope.mask(x.shape, probability)
  return mask === undefined ? x : mul(x, mask)
}
