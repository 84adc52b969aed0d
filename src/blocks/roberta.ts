import { add, constant, reshape, slice, type Tensor } from '../graph/index.ts'
import { bertLayer, dropout, embedding, norm, table, type Scope } from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export type RobertaOptions = EncoderOptions

export const robertaOptions = encoderOptions

/** Hugging Face's default; its released models have one. */
const TOKEN_TYPES = 2
/** Hugging Face counts positions from behind the code of padding, which is 1. */
const FIRST_POSITION = 2

/**
 * RoBERTa (Liu et al. 2019): BERT's architecture, as in Hugging Face's `RobertaModel` without a pooling layer, fed with `inputs_embeds`; positions count from 2, so that its
 * table has two rows more. What else is RoBERTa's own (no next sentence, masks drawn anew in each epoch) every block here has.
 */
export function roberta(options: RobertaOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('roberta', options)
  return Object.freeze({
    kind: 'roberta',
    options: { ...full },
    width: full.width,
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<RobertaOptions>): Tensor {
  const { width, layers, epsilon } = options
  const own = scope.child('embeddings')
  const types = table(own.child('token_type_embeddings'), TOKEN_TYPES, width)
  const event = reshape(slice(types, { axis: 0, start: 0, length: 1 }), [width])
  const positions = add(context.positions, constant(FIRST_POSITION, [], 'int32'))
  const places = embedding(
    own.child('position_embeddings'),
    positions,
    context.maxLength + FIRST_POSITION,
    width,
  )
  const embedded = norm(own.child('LayerNorm'), add(add(x, event), places), { epsilon })
  let hidden = dropout(own, embedded, options.dropout)
  const stack = scope.child('encoder').child('layer')
  for (let at = 0; at < layers; at++)
    hidden = bertLayer(stack.child(at), hidden, context.attentionBias, options)
  return hidden
}
