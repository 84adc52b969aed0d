import type { Tensor } from '../graph/index.ts'
import { bertEmbeddings, bertLayer, type Scope } from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export type RobertaOptions = EncoderOptions

export const robertaOptions = encoderOptions

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
    options: full,
    width: full.width,
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<RobertaOptions>): Tensor {
  let hidden = bertEmbeddings(scope, x, context.positions, {
    ...options,
    maxLength: context.maxLength,
    firstPosition: FIRST_POSITION,
  })
  const stack = scope.child('encoder').child('layer')
  for (let at = 0; at < options.layers; at++)
    hidden = bertLayer(stack.child(at), hidden, context.attentionBias, options)
  return hidden
}
