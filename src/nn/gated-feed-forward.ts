import { mul, silu, split, type Tensor } from '../graph/index.ts'
import { dropout } from './dropout.ts'
import { linear, linears, type LinearOptions } from './linear.ts'
import type { Scope } from './scope.ts'

export interface GatedFeedForwardOptions extends LinearOptions {
  /** Size of the layer between. */
  readonly inner: number
  /** Of the layer between; 0 unless given. */
  readonly dropout?: number
}

/** SwiGLU (Shazeer 2020): W_down(silu(W_gate·x) ∘ W_up·x), position by position: x [..., width] → same. Without biases unless told. */
export function gatedFeedForward(
  scopes: { readonly gate: Scope; readonly up: Scope; readonly down: Scope },
  x: Tensor,
  { inner, dropout: probability = 0, bias = false, ...options }: GatedFeedForwardOptions,
): Tensor {
  const width = x.shape.at(-1) as number
  const both = linears([scopes.gate, scopes.up], x, inner, { ...options, bias })
  const [gate, up] = split(both, { axis: -1, parts: 2 }) as [Tensor, Tensor]
  return linear(scopes.down, dropout(scopes.down, mul(silu(gate), up), probability), width, {
    ...options,
    bias,
  })
}
