import {
  add,
  cast,
  concat,
  constant,
  cos,
  gemm,
  mul,
  range,
  reshape,
  sin,
  sizeOf,
  slice,
  split,
  sub,
  transpose,
  type Dim,
  type Tensor,
} from '../graph/index.ts'
import { dotProducts, headWidthOf, weightedSum, type AttentionOptions } from './attention.ts'
import { normal } from './initializers.ts'
import type { Scope } from './scope.ts'

export interface RelativeAttentionInputs {
  /** [batch, rows, width]: who looks. One stream of `time` events, or several, one after the other. */
  readonly queries: Tensor
  /** [batch, time, width]: what is looked at. */
  readonly content: Tensor
  /** [batch, 1, rows, time]: 0 where a row may look, very negative where it may not. A row that may look nowhere gets the mean of everything. */
  readonly bias: Tensor
  /** [reach, width]: what `distances` gives, for the same `time`. */
  readonly distances: Tensor
}

/**
 * Attention by content and by relative distance (Dai et al. 2019; Yang et al. 2019): queries [batch, rows, width] → [batch, rows, width].
 * The score of event i for event j is (q_i + u)·k_j + (q_i + v)·W_r R_{i−j}, over √headWidth; the paper's u, v, R are `r_w_bias`, `r_r_bias`, `distances`.
 * A distance is between places in the row: sessions that share a row must not see each other.
 * Throws `OPTION_INVALID` for a width that is no multiple of the heads.
 */
export function relativeAttention(
  scope: Scope,
  inputs: RelativeAttentionInputs,
  { heads, dropout }: AttentionOptions,
): Tensor {
  const { queries, content, bias } = inputs
  const [batch, time, width] = content.shape as [number, number, number]
  const rows = queries.shape[1] as number
  const headWidth = headWidthOf(width, heads)
  const scale = 1 / Math.sqrt(headWidth)
  const matrix = (name: string): Tensor =>
    reshape(scope.parameter(name, [width, heads, headWidth], normal(0.02)), [width, width])
  const headBias = (name: string): Tensor => {
    const own = scope.parameter(name, [heads, headWidth], normal(0.02), { decay: false })
    return mul(reshape(own, [heads, 1, 1, headWidth]), scale)
  }
  // Heads come first, so that each multiplies all its queries with the distances in one product.
  const q = transpose(
    reshape(gemm(reshape(queries, [-1, width]), matrix('q'), { alpha: scale }), [
      batch,
      rows,
      heads,
      headWidth,
    ]),
    [2, 0, 1, 3],
  )
  const kv = gemm(reshape(content, [-1, width]), concat([matrix('k'), matrix('v')], { axis: 1 }))
  const apart = transpose(reshape(kv, [batch, time, 2, heads, headWidth]), [2, 3, 0, 1, 4])
  const [k, v] = split(apart, { axis: 0, parts: 2 }).map((part) =>
    reshape(part, [heads, batch, time, headWidth]),
  ) as [Tensor, Tensor]
  const r = transpose(reshape(gemm(inputs.distances, matrix('r')), [-1, heads, headWidth]), [1, 0, 2])

  const byContent = dotProducts(add(q, headBias('r_w_bias')), k)
  const byDistance = dotProducts(reshape(add(q, headBias('r_r_bias')), [heads, -1, headWidth]), r)
  const shifted = reshape(relativeShift(byDistance, time), byContent.shape)
  const scores = add(add(byContent, shifted), reshape(bias, [1, batch, rows, time]))
  const context = weightedSum(scores, v, scope.mask([heads, batch, rows, time], dropout))
  const together = reshape(transpose(context, [1, 2, 0, 3]), [-1, width])
  return reshape(gemm(together, matrix('o'), { transposeB: true }), queries.shape)
}

/**
 * Sinusoids of the distances time, time − 1, …, as many as `reach`: → [reach, width]; the sines come first, then the cosines.
 * A reach of 2·time holds every distance between two events, time + 1 those to events that came before. `width` is even.
 */
export function distances(time: Dim, reach: Dim, width: number): Tensor {
  const half = width / 2
  const frequencies = Array.from({ length: half }, (_, at) => 10_000 ** (-at / half))
  const far = sub(sizeOf([time]), cast(range(reach), 'float32'))
  const angles = mul(reshape(far, [reach, 1]), constant(frequencies, [1, half]))
  return concat([sin(angles), cos(angles)], { axis: 1 })
}

/**
 * Picks each row's own distances: x [heads, n·time, reach], whose column c is the distance time − c → y [heads, n, time, time] with y[i, j] = x[i, time − i + j].
 * Element (i, j) stands at time + i(reach − 1) + j of the flat matrix, so that it needs no more than two cuts.
 * With a reach of time + 1 what lies behind the diagonal (j > i) is meaningless, and finite.
 */
function relativeShift(x: Tensor, time: Dim): Tensor {
  const [heads, , reach] = x.shape as [number, number, number]
  const flat = reshape(x, [heads, -1, time, reach])
  const sessions = flat.shape[1]!
  const lined = slice(reshape(flat, [heads, sessions, -1]), { axis: 2, start: time })
  return slice(reshape(lined, [heads, sessions, time, -1]), { axis: 3, start: 0, length: time })
}
