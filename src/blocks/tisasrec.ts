import {
  add,
  expand,
  matmul,
  mul,
  pick,
  reshape,
  softmax,
  split,
  sumsByIndex,
  transpose,
  type Dim,
  type Tensor,
} from '../graph/index.ts'
import {
  apartByHeads,
  dotProducts,
  dropout,
  embedding,
  feedForward,
  headWidthOf,
  linears,
  norm,
  normal,
  TIME_BUCKETS,
  timeBuckets,
  togetherByHeads,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface TisasrecOptions {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings, the attention weights and both residual branches; default 0.2. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
}

export const tisasrecOptions = ['width', 'layers', 'heads', 'dropout', 'expansion'] as const

type Full = Required<TisasrecOptions>

const EPSILON = 1e-8

/**
 * TiSASRec (Li et al. 2020): SASRec whose keys and values also know their place and the time between two events; sessions need times. The tables of places and times serve all layers.
 * Differs: times are in buckets by their logarithm, where the paper divides by the person's shortest interval, which looks ahead; the feed-forward layer is four times as wide and GELU; no projection
 * behind the heads, as there.
 */
export function tisasrec(options: TisasrecOptions): Block<'causal'> {
  const full = settledOptions('tisasrec', tisasrecOptions, options, { dropout: 0.2, expansion: 4 })
  headWidthOf(full.width, full.heads)
  return Object.freeze({
    kind: 'tisasrec',
    options: full,
    width: full.width,
    readsTimes: true,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

/** What keys and values know beside their event. */
interface Known {
  /** Of places: [batch, time, width] each. */
  readonly places: { readonly keys: Tensor; readonly values: Tensor }
  /** Of times: [heads, buckets, headWidth] each. */
  readonly times: { readonly keys: Tensor; readonly values: Tensor }
  /** [batch, heads, time, time] int32. */
  readonly buckets: Tensor
  readonly bias: Tensor
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  const { width, layers, heads } = options
  const [batch, time] = x.shape as [Dim, Dim]
  const places = (of: string): Tensor => {
    const own = scope.child(`place_${of}`)
    return dropout(own, embedding(own, context.positions, context.maxLength, width), options.dropout)
  }
  const times = (of: string): Tensor => {
    const table = scope.child(`time_${of}`).parameter('weight', [TIME_BUCKETS, width], normal(0.02))
    return transpose(reshape(table, [TIME_BUCKETS, heads, width / heads]), [1, 0, 2])
  }
  const buckets = reshape(timeBuckets(context.elapsed!), [batch, 1, time, time])
  const known: Known = {
    places: { keys: places('keys'), values: places('values') },
    times: { keys: times('keys'), values: times('values') },
    buckets: expand(buckets, [batch, heads, time, time]),
    bias: context.attentionBias,
  }
  let hidden = dropout(scope, x, options.dropout)
  for (let at = 0; at < layers; at++) hidden = layer(scope.child('layers').child(at), hidden, known, options)
  return norm(scope.child('norm'), hidden, { epsilon: EPSILON })
}

function layer(scope: Scope, x: Tensor, known: Known, options: Full): Tensor {
  const { width, expansion } = options
  const self = scope.child('attention')
  const given = norm(scope.child('attention_norm'), x, { epsilon: EPSILON })
  const middle = add(x, dropout(self, attended(self, given, known, options), options.dropout))
  const forward = scope.child('feed_forward')
  const scopes = { first: forward.child('in'), second: forward.child('out') }
  const inner = norm(scope.child('feed_forward_norm'), middle, { epsilon: EPSILON })
  const forwarded = feedForward(scopes, inner, {
    inner: expansion * width,
    activation: 'gelu',
    first: {},
    second: {},
  })
  return add(middle, dropout(forward, forwarded, options.dropout))
}

/**
 * Σ_j a_ij (v_j + p_j + t_ij) with a = softmax(q_i·(k_j + p'_j + t'_ij) ÷ √headWidth): x [batch, time, width] → same.
 * Times are few: a query meets each bucket once, and weights are summed by bucket, so that nothing is as large as [time, time, width].
 */
function attended(
  scope: Scope,
  x: Tensor,
  known: Known,
  { width, heads, dropout: probability }: Full,
): Tensor {
  const projected = linears(
    ['query', 'key', 'value'].map((name) => scope.child(name)),
    x,
    width,
  )
  const [q, k, v] = split(projected, { axis: -1, parts: 3 }) as [Tensor, Tensor, Tensor]
  const queries = mul(apartByHeads(q, heads), 1 / Math.sqrt(width / heads))
  const keys = apartByHeads(add(k, known.places.keys), heads)
  const byTime = matmul(queries, transpose(known.times.keys))
  const scores = add(add(dotProducts(queries, keys), pick(byTime, known.buckets)), known.bias)
  const weights = dropout(scope, softmax(scores), probability)
  const sums = sumsByIndex(weights, known.buckets, { size: TIME_BUCKETS })
  const values = apartByHeads(add(v, known.places.values), heads)
  return togetherByHeads(add(matmul(weights, values), matmul(sums, known.times.values)))
}
