import { EnsuiteError } from '../errors.ts'
import {
  add,
  customGradient,
  matmul,
  mul,
  reshape,
  softmax,
  split,
  sub,
  sum,
  transpose,
  type Tensor,
} from '../graph/index.ts'
import type { Scope } from './scope.ts'

export interface AttentionOptions {
  readonly heads: number
  readonly dropout: number
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017) from one projection: qkv [batch, time, 3·width] → [batch, time, width].
 * bias: [batch, 1, time, time], 0 where a position may look and very negative where it may not.
 *
 * Its gradient takes rowsum(dP∘P) as rowsum(dO∘O) (Dao et al. 2022), which is `time ÷ headWidth` times smaller,
 * and so never makes more of the [time, time] matrices than it must.
 */
export function attention(scope: Scope, qkv: Tensor, bias: Tensor, options: AttentionOptions): Tensor {
  const { heads, dropout } = options
  const [batch, time, triple] = qkv.shape as [number, number, number]
  const width = triple / 3
  const headWidth = width / heads
  if (!Number.isInteger(headWidth))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Width ${width} cannot be shared out to ${heads} heads. Choose a width that is a multiple of the heads.`,
    )
  const apart = transpose(reshape(qkv, [batch, time, 3, heads, headWidth]), [2, 0, 3, 1, 4])
  const [q, k, v] = split(apart, { axis: 0, parts: 3 }).map((part) =>
    reshape(part, [batch, heads, time, headWidth]),
  ) as [Tensor, Tensor, Tensor]
  const scale = 1 / Math.sqrt(headWidth)
  const mask = scope.mask([batch, heads, time, time], dropout)
  const context = weightedSum(mul(q, scale), k, v, bias, mask)
  return reshape(transpose(context, [0, 2, 1, 3]), [batch, time, width])
}

/** (softmax(q·kᵀ + bias) ∘ mask)·v; all [batch, heads, time, headWidth]. */
function weightedSum(q: Tensor, k: Tensor, v: Tensor, bias: Tensor, mask: Tensor | undefined): Tensor {
  const weights = softmax(add(matmul(q, transpose(k)), bias))
  const kept = mask === undefined ? weights : mul(weights, mask)
  const context = matmul(kept, v)
  return customGradient(context, [q, k, v], (dy) => {
    const dKept = matmul(dy, transpose(v))
    const dWeights = mask === undefined ? dKept : mul(dKept, mask)
    const dScores = mul(weights, sub(dWeights, sum(mul(dy, context), { axes: [-1], keepDims: true })))
    return [matmul(dScores, k), matmul(transpose(dScores), q), matmul(transpose(kept), dy)]
  })
}
