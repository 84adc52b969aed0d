import type { Tensor } from '../graph/index.ts'
import { bertEmbeddings, bertLayer, linear, type Scope } from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export interface ElectraOptions extends EncoderOptions {
  /** Width of the interaction embeddings, which a linear layer takes to `width`; default `width`, without that layer. */
  readonly embeddingWidth?: number
}

export const electraOptions = [...encoderOptions, 'embeddingWidth'] as const

/**
 * ELECTRA (Clark et al. 2020), as in Hugging Face's `ElectraModel`, fed with `inputs_embeds`: BERT's layers, on embeddings that may be narrower. Generator and discriminator
 * are one block with masking `replaced`: tied, or each with weights of its own.
 */
export function electra(options: ElectraOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('electra', options, { options: ['embeddingWidth'] })
  return Object.freeze({
    kind: 'electra',
    options: full,
    width: full.width,
    ...(full.embeddingWidth !== undefined && { inputWidth: full.embeddingWidth }),
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(
  scope: Scope,
  x: Tensor,
  context: BlockContext,
  options: ElectraOptions & Required<EncoderOptions>,
): Tensor {
  const { width, embeddingWidth = width, layers } = options
  const embedded = bertEmbeddings(scope, x, context.positions, { ...options, maxLength: context.maxLength })
  let hidden =
    embeddingWidth === width ? embedded : linear(scope.child('embeddings_project'), embedded, width)
  const stack = scope.child('encoder').child('layer')
  for (let at = 0; at < layers; at++)
    hidden = bertLayer(stack.child(at), hidden, context.attentionBias, options)
  return hidden
}
