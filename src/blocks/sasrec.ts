import { add, type Tensor } from '../graph/index.ts'
import {
  attention,
  dropout,
  embedding,
  feedForward,
  headWidthOf,
  linear,
  norm,
  type Scope,
} from '../nn/index.ts'
import { checkChoice } from '../options.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface SasrecOptions {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings, the attention weights and both residual branches; default 0.2. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
  readonly activation?: 'gelu' | 'relu'
}

export const sasrecOptions = ['width', 'layers', 'heads', 'dropout', 'expansion', 'activation'] as const

const DEFAULTS = { dropout: 0.2, expansion: 4, activation: 'gelu' as const }
const EPSILON = 1e-8

/**
 * SASRec (Kang and McAuley 2018), pre-norm.
 * Differs: the norm stands on the branch and not on the residual; the feed-forward layer is four times as wide and GELU by default
 * (the paper: `expansion: 1, activation: 'relu'`); positions count from the start of the session, so that padding changes nothing.
 */
export function sasrec(options: SasrecOptions): Block<'causal'> {
  const full = settledOptions('sasrec', sasrecOptions, options, DEFAULTS)
  headWidthOf(full.width, full.heads)
  checkChoice('blocks.sasrec: activation', full.activation, ['gelu', 'relu'])
  return Object.freeze({
    kind: 'sasrec',
    options: full,
    width: full.width,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<SasrecOptions>): Tensor {
  const positions = embedding(scope.child('positions'), context.positions, context.maxLength, options.width)
  let hidden = dropout(scope, add(x, positions), options.dropout)
  for (let at = 0; at < options.layers; at++)
    hidden = layer(scope.child('layers').child(at), hidden, context, options)
  return norm(scope.child('norm'), hidden, { epsilon: EPSILON })
}

function layer(
  scope: Scope,
  x: Tensor,
  { attentionBias }: BlockContext,
  options: Required<SasrecOptions>,
): Tensor {
  const { width, heads, expansion } = options
  const self = scope.child('attention')
  const qkv = linear(
    self.child('qkv'),
    norm(scope.child('attention_norm'), x, { epsilon: EPSILON }),
    3 * width,
  )
  const attended = linear(
    self.child('out'),
    attention(self, qkv, attentionBias, { heads, dropout: options.dropout }),
    width,
  )
  const middle = add(x, dropout(self, attended, options.dropout))

  const forward = scope.child('feed_forward')
  const scopes = { first: forward.child('in'), second: forward.child('out') }
  const inner = norm(scope.child('feed_forward_norm'), middle, { epsilon: EPSILON })
  const forwarded = feedForward(scopes, inner, {
    inner: expansion * width,
    activation: options.activation,
    first: {},
    second: {},
  })
  return add(middle, dropout(forward, forwarded, options.dropout))
}
