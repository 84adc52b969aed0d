import type { Tensor } from '../graph/index.ts'
import { bertEmbeddings, bertLayer, type Scope } from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export type BertOptions = EncoderOptions

export const bertOptions = encoderOptions

/**
 * BERT (Devlin et al. 2019), post-norm, as in Hugging Face's `BertModel` without a pooling layer, fed with `inputs_embeds`:
 * same parameter names, same initialisation.
 * Differs: no token table (`word_embeddings`), since the interaction embeddings come from the features.
 */
export function bert(options: BertOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('bert', options)
  return Object.freeze({
    kind: 'bert',
    options: full,
    width: full.width,
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<BertOptions>): Tensor {
  let hidden = bertEmbeddings(scope, x, context.positions, { ...options, maxLength: context.maxLength })
  const stack = scope.child('encoder').child('layer')
  for (let at = 0; at < options.layers; at++)
    hidden = bertLayer(stack.child(at), hidden, context.attentionBias, options)
  return hidden
}
