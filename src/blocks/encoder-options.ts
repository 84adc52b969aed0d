import { checkChoice } from '../options.ts'
import { settledOptions } from './settled-options.ts'

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

/** All options with their defaults: those of the relatives, and `own` of the block itself. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkEncoder<Options extends EncoderOptions>(
  kind: string,
  options: Options,
  own: {
    readonly activation?: 'gelu' | 'gelu_new'
    readonly options?: readonly string[]
  } = {},
): Options & Required<EncoderOptions> {
  const { activation = 'gelu', options: more = [] } = own
  const defaults = { dropout: 0.1, expansion: 4, activation, epsilon: 1e-12 }
  const full = settledOptions<EncoderOptions, keyof typeof defaults>(
    kind,
    [...encoderOptions, ...more],
    options,
    defaults,
  )
  checkChoice(`blocks.${kind}: activation`, full.activation, ['gelu', 'gelu_new', 'relu'])
  return full as Options & Required<EncoderOptions>
}
