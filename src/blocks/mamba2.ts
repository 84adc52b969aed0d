import {
  add,
  cumulativeSum,
  exp,
  matmul,
  mul,
  neg,
  reshape,
  silu,
  slice,
  softplus,
  split,
  sub,
  transpose,
  type Tensor,
} from '../graph/index.ts'
import { EnsuiteError } from '../errors.ts'
import {
  apartByHeads,
  dotProducts,
  drawn,
  dropout,
  eventsBack,
  linear,
  ones,
  rootNorm,
  togetherByHeads,
  uniform,
  zeros,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface Mamba2Options {
  /** Size of the hidden states. */
  readonly width: number
  readonly layers: number
  /** Each forgets at a pace of its own; divides `expansion · width`. */
  readonly heads: number
  /** Of the embeddings and of what a layer adds; default 0.2. The language model has none. */
  readonly dropout?: number
  /** Width within a layer as a multiple of `width`; default 2. */
  readonly expansion?: number
  /** Numbers that a state keeps of each channel; default 32. */
  readonly stateSize?: number
  /** Events that the convolution reads, itself among them; default 4. */
  readonly kernelSize?: number
}

export const mamba2Options = [
  ...['width', 'layers', 'heads', 'dropout', 'expansion', 'stateSize', 'kernelSize'],
] as const

type Full = Required<Mamba2Options>

const DEFAULTS = { dropout: 0.2, expansion: 2, stateSize: 32, kernelSize: 4 }

/** What the rate of a step starts between. */
const [SLOWEST, FASTEST] = [1e-3, 0.1]
/** What a state is forgotten by starts below this. */
const DECAYS = 16

/**
 * Mamba-2 (Dao and Gu 2024): a selective state space, h_t = exp(Δ_t·A)·h_{t−1} + Δ_t·B_t x_tᵀ and y_t = C_t h_t + D x_t, with Δ, B and C of the event, behind a short convolution and a gate.
 * Computed as the dual the paper gives: (C·Bᵀ ∘ decay) x, an attention without softmax, which is faster than a scan for sessions of hundreds of events. One group of B and C.
 * Parameters are named as in the authors' code. Differs: dropout.
 */
export function mamba2(options: Mamba2Options): Block<'causal'> {
  const full = settledOptions('mamba2', mamba2Options, options, DEFAULTS)
  if ((full.expansion * full.width) % full.heads !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.mamba2: ${full.expansion} · ${full.width} channels cannot be shared out to ${full.heads} heads. Choose a number of heads that divides them.`,
    )
  return Object.freeze({
    kind: 'mamba2',
    options: full,
    width: full.width,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  let hidden = dropout(scope, x, options.dropout)
  for (let at = 0; at < options.layers; at++) {
    const own = scope.child('layers').child(at)
    const mixed = mixer(own.child('mixer'), rootNorm(own.child('norm'), hidden), context, options)
    hidden = add(hidden, dropout(own, mixed, options.dropout))
  }
  return rootNorm(scope.child('norm_f'), hidden)
}

/** x [batch, time, width] → same. */
function mixer(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  const { width, heads, expansion, stateSize } = options
  const inner = expansion * width
  const mixed = inner + 2 * stateSize
  const projected = linear(scope.child('in_proj'), x, inner + mixed + heads, { bias: false })
  const [gate, given, pace] = split(projected, { axis: -1, parts: [inner, mixed, heads] }) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const convolved = silu(convolution(scope.child('conv1d'), given, context, options))
  const [channels, b, c] = split(convolved, { axis: -1, parts: [inner, stateSize, stateSize] }) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const rate = softplus(add(pace, rateBias(scope, heads)))
  const y = stateSpace(
    scope,
    {
      x: apartByHeads(channels, heads),
      b,
      c,
      rate: transpose(rate, [0, 2, 1]),
    },
    context,
  )
  const gated = rootNorm(scope.child('norm'), mul(togetherByHeads(y), silu(gate)))
  return linear(scope.child('out_proj'), gated, width, { bias: false })
}

interface StateSpace {
  /** [batch, heads, time, headWidth]. */
  readonly x: Tensor
  /** [batch, time, stateSize]: what a state takes in, and what is read of it. */
  readonly b: Tensor
  readonly c: Tensor
  /** Δ: [batch, heads, time]. */
  readonly rate: Tensor
}

/** → [batch, heads, time, headWidth]. */
function stateSpace(scope: Scope, { x, b, c, rate }: StateSpace, { attentionBias }: BlockContext): Tensor {
  const [batch, heads, time] = rate.shape as [number, number, number]
  const perHead = (values: Tensor): Tensor => reshape(values, [heads, 1])
  const forget = neg(exp(perHead(scope.parameter('A_log', [heads], decays, { decay: false }))))
  const faded = cumulativeSum(mul(rate, forget), { axis: 2 })
  const since = sub(reshape(faded, [batch, heads, time, 1]), reshape(faded, [batch, heads, 1, time]))
  // What may not be seen has faded altogether.
  const kept = exp(add(since, attentionBias))
  const products = reshape(dotProducts(c, b), [batch, 1, time, time])
  const taken = mul(x, reshape(rate, [batch, heads, time, 1]))
  const skip = reshape(scope.parameter('D', [heads], ones, { decay: false }), [heads, 1, 1])
  return add(matmul(mul(kept, products), taken), mul(x, skip))
}

/** Each channel's own sum over the latest events of the session: x [batch, time, channels] → same. */
function convolution(scope: Scope, x: Tensor, { segments }: BlockContext, { kernelSize }: Full): Tensor {
  const channels = x.shape[2] as number
  const start = uniform(1 / Math.sqrt(kernelSize))
  const weight = reshape(scope.parameter('weight', [channels, 1, kernelSize], start), [channels, kernelSize])
  const taps = transpose(weight, [1, 0])
  let y = add(
    mul(x, slice(taps, { axis: 0, start: kernelSize - 1, length: 1 })),
    scope.parameter('bias', [channels], zeros, { decay: false }),
  )
  for (let back = 1; back < kernelSize; back++) {
    const tap = slice(taps, { axis: 0, start: kernelSize - 1 - back, length: 1 })
    y = add(y, mul(eventsBack(x, segments, back), tap))
  }
  return y
}

/** ln of numbers from 1 to `DECAYS`, evenly. */
const decays = drawn((values, random) => {
  for (let at = 0; at < values.length; at++) values[at] = Math.log(1 + random.uniform() * (DECAYS - 1))
})

/** Rates start between the slowest and the fastest, evenly in their logarithm: softplus of the bias gives them back. */
const rateBias = (scope: Scope, heads: number): Tensor =>
  scope.parameter(
    'dt_bias',
    [heads],
    drawn((values, random) => {
      for (let at = 0; at < values.length; at++) {
        const rate = SLOWEST * (FASTEST / SLOWEST) ** random.uniform()
        values[at] = rate + Math.log(-Math.expm1(-rate))
      }
    }),
    { decay: false },
  )
