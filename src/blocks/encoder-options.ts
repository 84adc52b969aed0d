import { headWidthOf } from '../nn/index.ts'
import { checkChoice } from '../options.ts'
import { settledOptions, type WrittenOut } from './settled-options.ts'

/** What BERT and its relatives have. */
export interface EncoderOptions {
  /** Size of the hidden states; a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Of the embeddings, the attention weights and both residual branches; default 0.1. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
  /** `gelu_new` is the tanh approximation. */
  readonly activation?: 'gelu' | 'gelu_new' | 'relu'
  /** Of the layer norms; default 1e-12. */
  readonly epsilon?: number
}

export const encoderOptions = [
  ...['width', 'layers', 'heads', 'dropout', 'expansion', 'activation', 'epsilon'],
] as const

/** All options with their defaults: those of the relatives, and those of the block itself, by their names and defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkEncoder<Options extends EncoderOptions, Own extends object = object>(
  kind: string,
  options: Options,
  own: {
    readonly activation?: 'gelu' | 'gelu_new'
    readonly options?: readonly string[]
    readonly defaults?: Own
  } = {},
): WrittenOut<Options & Required<EncoderOptions> & Own> {
  const { activation = 'gelu', options: more = [], defaults } = own
  const full = settledOptions<EncoderOptions, 'dropout' | 'expansion' | 'activation' | 'epsilon'>(
    kind,
    [...encoderOptions, ...more],
    options,
    { ...{ dropout: 0.1, expansion: 4, activation, epsilon: 1e-12 }, ...defaults },
  )
  headWidthOf(full.width, full.heads)
  checkChoice(`blocks.${kind}: activation`, full.activation, ['gelu', 'gelu_new', 'relu'])
  return full as WrittenOut<Options & Required<EncoderOptions> & Own>
}
