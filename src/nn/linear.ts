import { gemm, reshape, type Tensor } from '../graph/index.ts'
import { normal, zeros, type Initializer } from './initializers.ts'
import type { Scope } from './scope.ts'

export interface LinearOptions {
  readonly bias?: boolean
  readonly initializer?: Initializer
  /** `input-first`: weight [in, out], as GPT-2's Conv1D. `output-first`: weight [out, in], as PyTorch's Linear (the default). */
  readonly layout?: 'input-first' | 'output-first'
}

/** x·W + b over the last axis: x [..., in] → [..., out]. One product over all rows. */
export function linear(scope: Scope, x: Tensor, width: number, options: LinearOptions = {}): Tensor {
  const { bias = true, initializer = normal(0.02), layout = 'output-first' } = options
  const inner = x.shape.at(-1) as number
  const weight = scope.parameter(
    'weight',
    layout === 'input-first' ? [inner, width] : [width, inner],
    initializer,
  )
  const add = bias ? { add: scope.parameter('bias', [width], zeros, { decay: false }) } : {}
  const y = gemm(reshape(x, [-1, inner]), weight, { transposeB: layout === 'output-first', ...add })
  return reshape(y, [...x.shape.slice(0, -1), width])
}
