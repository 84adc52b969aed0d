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

/** Of the starting values, as Hugging Face's. */
const DEVIATION = 0.02

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
 * XLNet's attention by content and by relative distance (Yang et al. 2019): queries [batch, rows, width] → [batch, rows, width]. What `relativeContext` says, with a matrix each for
 * queries, keys, values, distances and the result. Throws `OPTION_INVALID` for a width that is no multiple of the heads.
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
    reshape(scope.parameter(name, [width, heads, headWidth], normal(DEVIATION)), [width, width])
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
  const projected = { q, k, v, r, bias, ...relativeBiases(scope, heads, headWidth) }
  const together = relativeContext(scope, projected, dropout)
  return reshape(gemm(together, matrix('o'), { transposeB: true }), queries.shape)
}

/** The paper's u and v, which stand in for a query's own part: [heads, headWidth] each. */
export interface RelativeBiases {
  readonly contentBias: Tensor
  readonly distanceBias: Tensor
}

/** The biases under Hugging Face's names, `r_w_bias` and `r_r_bias`. */
export function relativeBiases(scope: Scope, heads: number, headWidth: number): RelativeBiases {
  const bias = (name: string): Tensor =>
    scope.parameter(name, [heads, headWidth], normal(DEVIATION), { decay: false })
  return { contentBias: bias('r_w_bias'), distanceBias: bias('r_r_bias') }
}

/** What attention by relative distance compares. Heads come first, so that each multiplies all its queries with the distances in one product. */
export interface RelativeProjections extends RelativeBiases {
  /** [heads, batch, rows, headWidth]: queries over √headWidth. */
  readonly q: Tensor
  /** [heads, batch, time, headWidth]: keys. */
  readonly k: Tensor
  /** [heads, batch, time, headWidth]: values. */
  readonly v: Tensor
  /** [heads, reach, headWidth]: `distances`, projected. */
  readonly r: Tensor
  /** [batch, 1, rows, time]: as in `RelativeAttentionInputs`. */
  readonly bias: Tensor
}

/**
 * Attention by content and by relative distance (Dai et al. 2019): → [batch·rows, width], heads side by side.
 * The score of event i for event j is (q_i + u)·k_j + (q_i + v)·W_r R_{i−j}, over √headWidth; the paper's u, v, W_r R are `contentBias`, `distanceBias`, `r`.
 * A distance is between places in the row: sessions that share a row must not see each other.
 */
export function relativeContext(scope: Scope, projected: RelativeProjections, dropout: number): Tensor {
  const { q, k, v, r, bias, contentBias, distanceBias } = projected
  const [heads, batch, rows, headWidth] = q.shape as [number, number, number, number]
  const time = k.shape[2]!
  const scale = 1 / Math.sqrt(headWidth)
  const biased = (own: Tensor): Tensor => add(q, mul(reshape(own, [heads, 1, 1, headWidth]), scale))
  const byContent = dotProducts(biased(contentBias), k)
  const byDistance = dotProducts(reshape(biased(distanceBias), [heads, -1, headWidth]), r)
  const shifted = reshape(relativeShift(byDistance, time), byContent.shape)
  const scores = add(add(byContent, shifted), reshape(bias, [1, batch, rows, time]))
  const context = weightedSum(scores, v, scope.mask(scores.shape, dropout))
  return reshape(transpose(context, [1, 2, 0, 3]), [-1, heads * headWidth])
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
