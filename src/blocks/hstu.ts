import {
  add,
  constant,
  gather,
  layerNorm,
  matmul,
  mul,
  reshape,
  silu,
  split,
  type Tensor,
} from '../graph/index.ts'
import {
  apartByHeads,
  dotProducts,
  dropout,
  embedding,
  headWidthOf,
  linear,
  normal,
  placesBack,
  TIME_BUCKETS,
  timeBuckets,
  togetherByHeads,
  uniform,
  type Initializer,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface HstuOptions {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings and of what a layer adds; default 0.2. */
  readonly dropout?: number
  /** Whether scores know how long before each event was; sessions need times then. Default true. */
  readonly times?: boolean
}

export const hstuOptions = ['width', 'layers', 'heads', 'dropout', 'times'] as const

const EPSILON = 1e-6

/** Glorot and Bengio 2010, of a square matrix. */
const xavier = (width: number): Initializer => uniform(Math.sqrt(3 / width))

/**
 * HSTU (Zhai et al. 2024): attention without a softmax, silu(q·k + bias by distance in places and in time) ÷ length, its result normalised and multiplied by a gate; no feed-forward layer.
 * As the authors' code for public data: embeddings times √width, learned positions, times in buckets by their logarithm, one bias for all heads.
 * Differs: time is counted from each event to those before it; that code counts it from the event which is to be predicted, and so knows when it will be. Positions count from the start of the session.
 */
export function hstu(options: HstuOptions): Block<'causal'> {
  const full = settledOptions('hstu', hstuOptions, options, { dropout: 0.2, times: true })
  headWidthOf(full.width, full.heads)
  return Object.freeze({
    kind: 'hstu',
    options: full,
    width: full.width,
    readsTimes: full.times,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<HstuOptions>): Tensor {
  const { width, layers } = options
  const positions = embedding(scope.child('positions'), context.positions, context.maxLength, width, {
    initializer: normal(1 / Math.sqrt(width)),
  })
  const time = x.shape[1]!
  const apart = {
    places: placesBack(time, context.maxLength - 1),
    ...(context.elapsed && { times: timeBuckets(context.elapsed) }),
  }
  let hidden = dropout(scope, add(mul(x, Math.sqrt(width)), positions), options.dropout)
  for (let at = 0; at < layers; at++)
    hidden = layer(scope.child('layers').child(at), hidden, context, apart, options)
  return hidden
}

/** How far apart two events are, as rows of tables: in places [time, time], in time [batch, time, time]. */
interface Apart {
  readonly places: Tensor
  readonly times?: Tensor
}

function layer(
  scope: Scope,
  x: Tensor,
  { attentionBias, maxLength }: BlockContext,
  { places, times }: Apart,
  { width, heads, dropout: probability }: Required<HstuOptions>,
): Tensor {
  const [batch, time] = x.shape as [number, number]
  const projected = silu(linear(scope.child('uvqk'), plainNorm(x), 4 * width, { bias: false }))
  const [u, v, q, k] = split(projected, { axis: -1, parts: 4 }) as [Tensor, Tensor, Tensor, Tensor]
  const table = (name: string, size: number): Tensor =>
    scope.parameter(name, [size], normal(0.02), { decay: false })
  const byPlace = gather(table('place_bias', maxLength), places)
  const bias = add(attentionBias, byPlace)
  const all =
    times === undefined
      ? bias
      : add(bias, reshape(gather(table('time_bias', TIME_BUCKETS), times), [batch, 1, time, time]))
  const scores = add(dotProducts(apartByHeads(q, heads), apartByHeads(k, heads)), all)
  // What may not be seen has a score far below zero, of which silu makes exactly nothing.
  const attended = mul(matmul(silu(scores), apartByHeads(v, heads)), 1 / maxLength)
  const gatedStates = mul(u, plainNorm(togetherByHeads(attended)))
  return add(
    x,
    linear(scope.child('o'), dropout(scope, gatedStates, probability), width, { initializer: xavier(width) }),
  )
}

/** Layer normalisation without parameters. */
function plainNorm(x: Tensor): Tensor {
  const width = x.shape.at(-1) as number
  const of = (value: number): Tensor => constant(new Array<number>(width).fill(value), [width])
  return layerNorm(x, of(1), of(0), { epsilon: EPSILON })
}
