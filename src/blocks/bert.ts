import { add, reshape, slice, type Tensor } from '../graph/index.ts'
import {
  attention,
  dropout,
  embedding,
  feedForward,
  linear,
  linears,
  norm,
  table,
  type Scope,
} from '../nn/index.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import type { Block, BlockContext } from './block.ts'

export interface BertOptions {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings, the attention weights and both residual branches; default 0.1. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
  /** `gelu_new` is the tanh approximation; default `gelu`. */
  readonly activation?: 'gelu' | 'gelu_new' | 'relu'
  /** Default 1e-12. */
  readonly epsilon?: number
}

export const bertOptions = [
  'width',
  'layers',
  'heads',
  'dropout',
  'expansion',
  'activation',
  'epsilon',
] as const

/** Hugging Face's table of token types has two rows. Events are of the first. */
const TOKEN_TYPES = 2

/**
 * BERT (Devlin et al. 2019), post-norm, as in Hugging Face's `BertModel` without a pooling layer, fed with `inputs_embeds`:
 * same parameter names, same initialisation.
 * Differs: no token table (`word_embeddings`), since the interaction embeddings come from the features.
 */
export function bert(options: BertOptions): Block<'masked' | 'replaced'> {
  checkOptions('blocks.bert', options, bertOptions)
  const full = { dropout: 0.1, expansion: 4, activation: 'gelu' as const, epsilon: 1e-12, ...options }
  for (const name of ['width', 'layers', 'heads', 'expansion'] as const)
    checkNumber(`blocks.bert: ${name}`, full[name], { integer: true, min: 1, max: 65_536 })
  checkNumber('blocks.bert: dropout', full.dropout, { min: 0, below: 1 })
  checkChoice('blocks.bert: activation', full.activation, ['gelu', 'gelu_new', 'relu'])
  checkNumber('blocks.bert: epsilon', full.epsilon, { above: 0 })
  return Object.freeze({
    kind: 'bert',
    options: full,
    width: full.width,
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<BertOptions>): Tensor {
  const { width, layers, epsilon } = options
  const own = scope.child('embeddings')
  const types = table(own.child('token_type_embeddings'), TOKEN_TYPES, width)
  const event = reshape(slice(types, { axis: 0, start: 0, length: 1 }), [width])
  const places = embedding(own.child('position_embeddings'), context.positions, context.maxLength, width)
  const embedded = norm(own.child('LayerNorm'), add(add(x, event), places), { epsilon })
  let hidden = dropout(own, embedded, options.dropout)
  const stack = scope.child('encoder').child('layer')
  for (let at = 0; at < layers; at++) hidden = layer(stack.child(at), hidden, context, options)
  return hidden
}

function layer(
  scope: Scope,
  x: Tensor,
  { attentionBias }: BlockContext,
  options: Required<BertOptions>,
): Tensor {
  const { width, heads, epsilon, expansion } = options
  const self = scope.child('attention').child('self')
  const qkv = linears(
    ['query', 'key', 'value'].map((name) => self.child(name)),
    x,
    width,
  )
  const attended = attention(self, qkv, attentionBias, { heads, dropout: options.dropout })
  const mixed = scope.child('attention').child('output')
  const branch = dropout(mixed, linear(mixed.child('dense'), attended, width), options.dropout)
  const middle = norm(mixed.child('LayerNorm'), add(x, branch), { epsilon })

  const output = scope.child('output')
  const scopes = { first: scope.child('intermediate').child('dense'), second: output.child('dense') }
  const forwarded = feedForward(scopes, middle, {
    inner: expansion * width,
    activation: options.activation,
    first: {},
    second: {},
  })
  return norm(output.child('LayerNorm'), add(middle, dropout(output, forwarded, options.dropout)), {
    epsilon,
  })
}
