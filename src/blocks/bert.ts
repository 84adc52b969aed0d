import { add, reshape, slice, type Tensor } from '../graph/index.ts'
import { bertLayer, dropout, embedding, norm, table, type Scope } from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export type BertOptions = EncoderOptions

export const bertOptions = encoderOptions

/** Hugging Face's table of token types has two rows. Events are of the first. */
const TOKEN_TYPES = 2

/**
 * BERT (Devlin et al. 2019), post-norm, as in Hugging Face's `BertModel` without a pooling layer, fed with `inputs_embeds`:
 * same parameter names, same initialisation.
 * Differs: no token table (`word_embeddings`), since the interaction embeddings come from the features.
 */
export function bert(options: BertOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('bert', options)
  return Object.freeze({
    kind: 'bert',
    options: { ...full },
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
  for (let at = 0; at < layers; at++)
    hidden = bertLayer(stack.child(at), hidden, context.attentionBias, options)
  return hidden
}
