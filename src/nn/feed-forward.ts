import { foldedGelu, geluTanh, relu, type Tensor } from '../graph/index.ts'
import { dropout } from './dropout.ts'
import { linear, type LinearOptions } from './linear.ts'
import type { Scope } from './scope.ts'

export interface FeedForwardOptions {
  /** Size of the layer between. */
  readonly inner: number
  /** `gelu_new` is GELU's tanh approximation. */
  readonly activation: 'gelu' | 'gelu_new' | 'relu'
  readonly first: LinearOptions
  readonly second: LinearOptions
  /** Of the activations; 0 unless given. */
  readonly dropout?: number
}

const HALF_ROOT = Math.SQRT1_2

/** Two linear layers with an activation between, position by position: x [..., width] → same. */
export function feedForward(
  scopes: { readonly first: Scope; readonly second: Scope },
  x: Tensor,
  options: FeedForwardOptions,
): Tensor {
  const { inner, activation, first, second, dropout: probability = 0 } = options
  const width = x.shape.at(-1) as number
  const drop = (activated: Tensor): Tensor => dropout(scopes.first, activated, probability)
  if (activation === 'gelu') {
    // GELU's two factors √½ ride on the products.
    const a = linear(scopes.first, x, inner, { ...first, alpha: HALF_ROOT, beta: HALF_ROOT })
    return linear(scopes.second, drop(foldedGelu(a)), width, { ...second, alpha: HALF_ROOT })
  }
  const activate = activation === 'relu' ? relu : geluTanh
  return linear(scopes.second, drop(activate(linear(scopes.first, x, inner, first))), width, second)
}
