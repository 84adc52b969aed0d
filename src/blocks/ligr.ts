import { add, mul, sigmoid, type Tensor } from '../graph/index.ts'
import {
  attention,
  dropout,
  embedding,
  gatedFeedForward,
  headWidthOf,
  linear,
  norm,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface LigrOptions {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings, the attention weights, the gated layer and both residual branches; default 0.2. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
}

export const ligrOptions = ['width', 'layers', 'heads', 'dropout', 'expansion'] as const

/**
 * Layers of LiGR (Borisyuk et al. 2025) as eSASRec has them (Tikhonovich et al. 2025): pre-norm, SwiGLU, and a gate σ(W·x) on what each branch adds. With shifted targets and a sampled
 * softmax it is eSASRec. No norm stands at the end, as there.
 * Differs: positions count from the start of the session, so that padding changes nothing.
 */
export function ligr(options: LigrOptions): Block<'causal'> {
  const full = settledOptions('ligr', ligrOptions, options, { dropout: 0.2, expansion: 4 })
  headWidthOf(full.width, full.heads)
  return Object.freeze({
    kind: 'ligr',
    options: full,
    width: full.width,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<LigrOptions>): Tensor {
  const positions = embedding(scope.child('positions'), context.positions, context.maxLength, options.width)
  let hidden = dropout(scope, add(x, positions), options.dropout)
  for (let at = 0; at < options.layers; at++)
    hidden = layer(scope.child('layers').child(at), hidden, context, options)
  return hidden
}

function layer(
  scope: Scope,
  x: Tensor,
  { attentionBias }: BlockContext,
  { width, heads, expansion, dropout: probability }: Required<LigrOptions>,
): Tensor {
  const self = scope.child('attention')
  const qkv = linear(self.child('qkv'), norm(scope.child('attention_norm'), x), 3 * width)
  const attended = linear(
    self.child('out'),
    attention(self, qkv, attentionBias, { heads, dropout: probability }),
    width,
  )
  const middle = gated(scope.child('attention_gate'), x, dropout(self, attended, probability))

  const forward = scope.child('feed_forward')
  const scopes = { gate: forward.child('gate'), up: forward.child('up'), down: forward.child('down') }
  const inner = norm(scope.child('feed_forward_norm'), middle)
  const forwarded = gatedFeedForward(scopes, inner, { inner: expansion * width, dropout: probability })
  return gated(scope.child('feed_forward_gate'), middle, dropout(forward, forwarded, probability))
}

/** x + σ(W·x + b) ∘ branch, of one shape each. */
const gated = (scope: Scope, x: Tensor, branch: Tensor): Tensor =>
  add(x, mul(sigmoid(linear(scope, x, x.shape.at(-1) as number)), branch))
