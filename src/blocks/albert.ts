import { add, type Tensor } from '../graph/index.ts'
import {
  attention,
  bertEmbeddings,
  dropout,
  feedForward,
  linear,
  linears,
  norm,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export interface AlbertOptions extends EncoderOptions {
  /** Width of the interaction embeddings, which a linear layer takes to `width`; default `width`. */
  readonly embeddingWidth?: number
}

export const albertOptions = [...encoderOptions, 'embeddingWidth'] as const

/**
 * ALBERT (Lan et al. 2020), post-norm, as in Hugging Face's `AlbertModel` without a pooling layer, fed with `inputs_embeds`: all layers have the weights of one, and embeddings may
 * be narrower than states, which a linear layer takes them to. Differs from Hugging Face's default: `gelu_new` and dropout 0.1, as its released models (there 0).
 */
export function albert(options: AlbertOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('albert', options, { activation: 'gelu_new', options: ['embeddingWidth'] })
  return Object.freeze({
    kind: 'albert',
    options: full,
    width: full.width,
    ...(full.embeddingWidth !== undefined && { inputWidth: full.embeddingWidth }),
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

type Full = AlbertOptions & Required<EncoderOptions>

function build(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  const { width, layers } = options
  const embedded = bertEmbeddings(scope, x, context.positions, { ...options, maxLength: context.maxLength })
  const encoder = scope.child('encoder')
  const shared = encoder.child('albert_layer_groups').child(0).child('albert_layers').child(0)
  let hidden = linear(encoder.child('embedding_hidden_mapping_in'), embedded, width)
  for (let at = 0; at < layers; at++)
    hidden = layer(at === 0 ? shared : shared.again(), hidden, context, options)
  return hidden
}

function layer(scope: Scope, x: Tensor, { attentionBias }: BlockContext, options: Full): Tensor {
  const { width, heads, epsilon, expansion } = options
  const self = scope.child('attention')
  const qkv = linears(
    ['query', 'key', 'value'].map((name) => self.child(name)),
    x,
    width,
  )
  const attended = attention(self, qkv, attentionBias, { heads, dropout: options.dropout })
  const branch = dropout(self, linear(self.child('dense'), attended, width), options.dropout)
  const middle = norm(self.child('LayerNorm'), add(x, branch), { epsilon })
  const forwarded = feedForward({ first: scope.child('ffn'), second: scope.child('ffn_output') }, middle, {
    inner: expansion * width,
    activation: options.activation,
    first: {},
    second: {},
  })
  return norm(scope.child('full_layer_layer_norm'), add(forwarded, middle), { epsilon })
}
