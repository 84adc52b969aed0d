import { layerNorm, rmsNorm, type Tensor } from '../graph/index.ts'
import { ones, zeros } from './initializers.ts'
import type { Scope } from './scope.ts'

/** Layer normalisation with its own scale and bias: x [..., width] → same. Neither is decayed. */
export function norm(scope: Scope, x: Tensor, options: { readonly epsilon?: number } = {}): Tensor {
  const width = x.shape.at(-1) as number
  const weight = scope.parameter('weight', [width], ones, { decay: false })
  const bias = scope.parameter('bias', [width], zeros, { decay: false })
  return layerNorm(x, weight, bias, { epsilon: options.epsilon ?? 1e-5 })
}

/** Normalisation by the root of the mean square, with its own scale, which is not decayed: x [..., width] → same. */
export function rootNorm(scope: Scope, x: Tensor, options: { readonly epsilon?: number } = {}): Tensor {
  const weight = scope.parameter('weight', [x.shape.at(-1) as number], ones, { decay: false })
  return rmsNorm(x, weight, options)
}
