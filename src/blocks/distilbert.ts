import { add, type Tensor } from '../graph/index.ts'
import { attention, dropout, embedding, feedForward, linear, linears, norm, type Scope } from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export type DistilbertOptions = EncoderOptions

export const distilbertOptions = encoderOptions

/**
 * DistilBERT (Sanh et al. 2019), post-norm: BERT without token types, named as Hugging Face's `DistilBertModel`. Differs from that model when it is fed with `inputs_embeds`: positions and the norm
 * of the embeddings are there, which version 4.30.2 leaves out then.
 */
export function distilbert(options: DistilbertOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('distilbert', options)
  return Object.freeze({
    kind: 'distilbert',
    options: full,
    width: full.width,
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<DistilbertOptions>): Tensor {
  const { width, layers, epsilon } = options
  const own = scope.child('embeddings')
  const places = embedding(own.child('position_embeddings'), context.positions, context.maxLength, width)
  let hidden = dropout(own, norm(own.child('LayerNorm'), add(x, places), { epsilon }), options.dropout)
  const stack = scope.child('transformer').child('layer')
  for (let at = 0; at < layers; at++) hidden = layer(stack.child(at), hidden, context, options)
  return hidden
}

function layer(
  scope: Scope,
  x: Tensor,
  { attentionBias }: BlockContext,
  options: Required<DistilbertOptions>,
): Tensor {
  const { width, heads, epsilon, expansion } = options
  const self = scope.child('attention')
  const qkv = linears(
    ['q_lin', 'k_lin', 'v_lin'].map((name) => self.child(name)),
    x,
    width,
  )
  const attended = attention(self, qkv, attentionBias, { heads, dropout: options.dropout })
  const middle = norm(scope.child('sa_layer_norm'), add(linear(self.child('out_lin'), attended, width), x), {
    epsilon,
  })
  const forward = scope.child('ffn')
  const forwarded = feedForward({ first: forward.child('lin1'), second: forward.child('lin2') }, middle, {
    inner: expansion * width,
    activation: options.activation,
    first: {},
    second: {},
  })
  return norm(scope.child('output_layer_norm'), add(dropout(forward, forwarded, options.dropout), middle), {
    epsilon,
  })
}
