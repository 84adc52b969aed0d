import {
  add,
  concat,
  cos,
  exp,
  mul,
  neg,
  reshape,
  sin,
  slice,
  transpose,
  type Tensor,
} from '../graph/index.ts'
import {
  drawn,
  dropout,
  feedForward,
  linear,
  linearRecurrence,
  norm,
  withinSessions,
  type Initializer,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface LrurecOptions {
  /** Size of the hidden states. */
  readonly width: number
  readonly layers: number
  /** Of the embeddings, the feed-forward layer and both residual branches; default 0.2. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
  /** Width of the recurrence as a multiple of `width`; default 2. */
  readonly stateExpansion?: number
}

export const lrurecOptions = ['width', 'layers', 'dropout', 'expansion', 'stateExpansion'] as const

type Full = Required<LrurecOptions>

const DEFAULTS = { dropout: 0.2, expansion: 4, stateExpansion: 2 }

/** The magnitudes of λ start within this ring. */
const [SMALLEST, LARGEST] = [0.8, 0.99]

/**
 * LRURec (Yue et al. 2024): linear recurrences h = λ∘h + γ∘W_in·x with complex diagonal λ (Orvieto et al. 2023), all steps at once, each followed by a feed-forward layer; both branches post-norm.
 * No positions: the recurrence knows the order.
 */
export function lrurec(options: LrurecOptions): Block<'causal'> {
  const full = settledOptions('lrurec', lrurecOptions, options, DEFAULTS)
  return Object.freeze({
    kind: 'lrurec',
    options: full,
    width: full.width,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  let hidden = norm(scope.child('norm'), dropout(scope, x, options.dropout))
  for (let at = 0; at < options.layers; at++) {
    const own = scope.child('layers').child(at)
    hidden = forwarded(
      own.child('feed_forward'),
      recurrent(own.child('lru'), hidden, context, options),
      options,
    )
  }
  return hidden
}

/** norm(x + Re(W_out·h)): x [batch, time, width] → same. */
function recurrent(scope: Scope, x: Tensor, { segments }: BlockContext, options: Full): Tensor {
  const { width, stateExpansion, dropout: probability } = options
  const states = stateExpansion * width
  const { factor, scale } = diagonal(scope, states)
  // Time first, as the recurrence goes. A complex matrix is two real ones, side by side.
  const given = linear(scope.child('in_proj'), transpose(x, [1, 0, 2]), 2 * states)
  const keep = withinSessions(segments, false)
  const h = linearRecurrence({ x: mul(given, scale), factor, keep })
  // The real part of a product takes the imaginary parts with a minus, which the weights learn.
  const out = transpose(linear(scope.child('out_proj'), h, width), [1, 0, 2])
  return norm(scope.child('norm'), add(x, dropout(scope, out, probability)))
}

/** λ = exp(−exp(ν) + i·exp(θ)) and γ = exp(log γ), of real and imaginary parts: [2·states] each; `params_log` holds ν, θ and log γ, as the authors' code. */
function diagonal(scope: Scope, states: number): { readonly factor: Tensor; readonly scale: Tensor } {
  const logs = scope.parameter('params_log', [3, states], ring, { decay: false })
  const [nu, theta, scale] = [0, 1, 2].map((row) => exp(slice(logs, { axis: 0, start: row, length: 1 }))) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const magnitude = exp(neg(nu))
  const both = (first: Tensor, second: Tensor): Tensor =>
    reshape(concat([first, second], { axis: 0 }), [2 * states])
  return { factor: both(mul(magnitude, cos(theta)), mul(magnitude, sin(theta))), scale: both(scale, scale) }
}

/** λ evenly over the area of a ring, and γ = √(1 − |λ|²), which keeps states as large as what comes in. */
const ring: Initializer = drawn((values, random) => {
  const states = values.length / 3
  for (let at = 0; at < states; at++) {
    const square = random.uniform() * (LARGEST ** 2 - SMALLEST ** 2) + SMALLEST ** 2
    values[at] = Math.log(-0.5 * Math.log(square))
    values[states + at] = Math.log(2 * Math.PI * Math.max(random.uniform(), 1e-6))
    values[2 * states + at] = 0.5 * Math.log(1 - square)
  }
})

/** norm(x + W₂·gelu(W₁·x)): x [batch, time, width] → same. */
function forwarded(scope: Scope, x: Tensor, { width, expansion, dropout: probability }: Full): Tensor {
  const scopes = { first: scope.child('in'), second: scope.child('out') }
  const y = feedForward(scopes, x, {
    inner: expansion * width,
    activation: 'gelu',
    first: {},
    second: {},
    dropout: probability,
  })
  return norm(scope.child('norm'), add(x, dropout(scope, y, probability)))
}
