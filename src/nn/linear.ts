import { add, concat, gemm, mul, reshape, type Tensor } from '../graph/index.ts'
import { normal, zeros, type Initializer } from './initializers.ts'
import type { Scope } from './scope.ts'

export interface LinearOptions {
  readonly bias?: boolean
  readonly initializer?: Initializer
  /** `input-first`: weight [in, out], as GPT-2's Conv1D. `output-first`: weight [out, in], as PyTorch's Linear (the default). */
  readonly layout?: 'input-first' | 'output-first'
  /** Scale of the product and of the bias, at no cost; 1 unless given. */
  readonly alpha?: number
  readonly beta?: number
  /** Whether its outputs are the codes of a vocabulary; of `output-first` alone. */
  readonly byCode?: boolean
}

/** α·x·W + β·b over the last axis: x [..., in] → [..., out]. One product over all rows. */
export function linear(scope: Scope, x: Tensor, width: number, options: LinearOptions = {}): Tensor {
  return linears([scope], x, width, options)
}

/** Linear layers of one input side by side, as one product: x [..., in] → [..., scopes·out]. The parameters stay apart. */
export function linears(
  scopes: readonly Scope[],
  x: Tensor,
  width: number,
  options: LinearOptions = {},
): Tensor {
  const { bias = true, initializer = normal(0.02), layout = 'output-first', alpha = 1, beta = 1 } = options
  const { byCode = false } = options
  const inner = x.shape.at(-1) as number
  const inputFirst = layout === 'input-first'
  const shape = inputFirst ? [inner, width] : [width, inner]
  const weights = scopes.map((scope) => scope.parameter('weight', shape, initializer, { byCode }))
  const weight = concat(weights, { axis: inputFirst ? 1 : 0 })
  const y = reshape(gemm(reshape(x, [-1, inner]), weight, { transposeB: !inputFirst, alpha }), [
    ...x.shape.slice(0, -1),
    scopes.length * width,
  ])
  if (!bias) return y
  const biases = scopes.map((scope) => scope.parameter('bias', [width], zeros, { decay: false, byCode }))
  const own = concat(biases, { axis: 0 })
  // Added behind the reshape, where ONNX Runtime does not fold it into the product: a pass over y is cheaper than its copy of the bias to every row first.
  return add(y, beta === 1 ? own : mul(own, beta))
}
