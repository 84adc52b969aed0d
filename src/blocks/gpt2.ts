import { add, type Tensor } from '../graph/index.ts'
import {
  attention,
  dropout,
  embedding,
  feedForward,
  headWidthOf,
  linear,
  norm,
  normal,
  type Scope,
} from '../nn/index.ts'
import { checkChoice } from '../options.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface Gpt2Options {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings, the attention weights and both residual branches; default 0.1. */
  readonly dropout?: number
  /** `gelu_new` is the tanh approximation, GPT-2's own and the default. */
  readonly activation?: 'gelu_new' | 'gelu'
  /** Default 1e-5. */
  readonly epsilon?: number
}

const DEFAULTS = { dropout: 0.1, activation: 'gelu_new' as const, epsilon: 1e-5 }
const DEVIATION = 0.02

export const gpt2Options = ['width', 'layers', 'heads', 'dropout', 'activation', 'epsilon'] as const

/**
 * GPT-2 (Radford et al. 2019) as in Hugging Face's `GPT2Model` fed with `inputs_embeds`: same parameter names, same initialisation.
 * Differs: no token table (`wte`), since the interaction embeddings come from the features.
 */
export function gpt2(options: Gpt2Options): Block<'causal'> {
  const full = settledOptions('gpt2', gpt2Options, options, DEFAULTS)
  headWidthOf(full.width, full.heads)
  checkChoice('blocks.gpt2: activation', full.activation, ['gelu_new', 'gelu'])
  return Object.freeze({
    kind: 'gpt2',
    options: full,
    width: full.width,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<Gpt2Options>): Tensor {
  const { width, layers, epsilon } = options
  const positions = embedding(scope.child('wpe'), context.positions, context.maxLength, width, {
    initializer: normal(DEVIATION),
  })
  let hidden = dropout(scope, add(x, positions), options.dropout)
  for (let at = 0; at < layers; at++) hidden = layer(scope.child('h').child(at), hidden, context, options)
  return norm(scope.child('ln_f'), hidden, { epsilon })
}

function layer(
  scope: Scope,
  x: Tensor,
  { attentionBias }: BlockContext,
  options: Required<Gpt2Options>,
): Tensor {
  const { width, layers, heads, epsilon } = options
  const weight = { layout: 'input-first' as const, initializer: normal(DEVIATION) }
  // Projections into the residual stream start smaller, by the number of residual branches.
  const residual = { layout: 'input-first' as const, initializer: normal(DEVIATION / Math.sqrt(2 * layers)) }

  const attn = scope.child('attn')
  const qkv = linear(attn.child('c_attn'), norm(scope.child('ln_1'), x, { epsilon }), 3 * width, weight)
  const attended = linear(
    attn.child('c_proj'),
    attention(attn, qkv, attentionBias, { heads, dropout: options.dropout }),
    width,
    residual,
  )
  const middle = add(x, dropout(attn, attended, options.dropout))

  const mlp = scope.child('mlp')
  const scopes = { first: mlp.child('c_fc'), second: mlp.child('c_proj') }
  const inner = norm(scope.child('ln_2'), middle, { epsilon })
  const forwarded = feedForward(scopes, inner, {
    inner: 4 * width,
    activation: options.activation,
    first: weight,
    second: residual,
  })
  return add(middle, dropout(mlp, forwarded, options.dropout))
}
