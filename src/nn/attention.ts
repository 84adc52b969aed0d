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

/** The bias of what may not be looked at: far below any score, and still finite. A position of padding, which sees nothing, stays free of NaN. */
export const HIDDEN = -1e9

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
  const headWidth = headWidthOf(width, heads)
  const apart = transpose(reshape(qkv, [batch, time, 3, heads, headWidth]), [2, 0, 3, 1, 4])
  const [q, k, v] = split(apart, { axis: 0, parts: 3 }).map((part) =>
    reshape(part, [batch, heads, time, headWidth]),
  ) as [Tensor, Tensor, Tensor]
  const context = attend(scope, { q, k, v, bias }, { scale: 1 / Math.sqrt(headWidth), dropout })
  return togetherByHeads(context)
}

/** [batch, time, heads·headWidth] → [batch, heads, time, headWidth]. */
export function apartByHeads(x: Tensor, heads: number): Tensor {
  const [batch, time, width] = x.shape as [number, number, number]
  return transpose(reshape(x, [batch, time, heads, width / heads]), [0, 2, 1, 3])
}

/** [batch, heads, time, headWidth] → [batch, time, heads·headWidth]. */
export function togetherByHeads(x: Tensor): Tensor {
  const [batch, heads, time, headWidth] = x.shape as [number, number, number, number]
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, time, heads * headWidth])
}

/** softmax(scale·q·kᵀ + bias)·v, with dropout of the weights: q, k, v [batch, heads, time, headWidth], bias [batch, 1, time, time] → as v. */
export function attend(
  scope: Scope,
  { q, k, v, bias }: Readonly<Record<'q' | 'k' | 'v' | 'bias', Tensor>>,
  { scale, dropout }: { readonly scale: number; readonly dropout: number },
): Tensor {
  const [batch, heads, time] = q.shape as [number, number, number]
  const mask = scope.mask([batch, heads, time, time], dropout)
  return weightedSum(add(dotProducts(mul(q, scale), k), bias), v, mask)
}

/** The width of one head. Throws `OPTION_INVALID` for a width that is no multiple of the heads. */
export function headWidthOf(width: number, heads: number): number {
  const headWidth = width / heads
  if (Number.isInteger(headWidth)) return headWidth
  throw new EnsuiteError(
    'OPTION_INVALID',
    `Width ${width} cannot be shared out to ${heads} heads. Choose a width that is a multiple of the heads.`,
  )
}

/** q·kᵀ: q [..., n, headWidth], k [..., m, headWidth] → [..., n, m], of the same leading axes. Its gradient transposes nothing but operands of products. */
export function dotProducts(q: Tensor, k: Tensor): Tensor {
  return customGradient(matmul(q, transpose(k)), [q, k], (dy) => [matmul(dy, k), matmul(transpose(dy), q)])
}

/** (softmax(scores) ∘ mask)·v: scores and mask [..., n, m], v [..., m, headWidth] → [..., n, headWidth], of the same leading axes. */
export function weightedSum(scores: Tensor, v: Tensor, mask: Tensor | undefined): Tensor {
  const weights = softmax(scores)
  const kept = mask === undefined ? weights : mul(weights, mask)
  const context = matmul(kept, v)
  return customGradient(context, [scores, v], (dy) => {
    const dKept = matmul(dy, transpose(v))
    const dWeights = mask === undefined ? dKept : mul(dKept, mask)
    const dScores = mul(weights, sub(dWeights, sum(mul(dy, context), { axes: [-1], keepDims: true })))
    return [dScores, matmul(transpose(kept), dy)]
  })
}
