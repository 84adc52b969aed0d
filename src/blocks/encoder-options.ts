import { checkChoice, checkNumber, checkOptions } from '../options.ts'

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

/** All options with their defaults. `sizes`: those of the block itself that are whole numbers; `others`: those that it checks itself. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkEncoder<Options extends EncoderOptions>(
  kind: string,
  options: Options,
  {
    activation = 'gelu',
    sizes = [],
    others = [],
  }: {
    readonly activation?: 'gelu' | 'gelu_new'
    readonly sizes?: readonly string[]
    readonly others?: readonly string[]
  } = {},
): Options & Required<EncoderOptions> {
  const where = `blocks.${kind}`
  checkOptions(where, options, [...encoderOptions, ...sizes, ...others])
  const full = { dropout: 0.1, expansion: 4, activation, epsilon: 1e-12, ...options }
  const given = full as unknown as Readonly<Record<string, number | undefined>>
  for (const name of ['width', 'layers', 'heads', 'expansion', ...sizes])
    if (given[name] !== undefined || !sizes.includes(name))
      checkNumber(`${where}: ${name}`, given[name]!, { integer: true, min: 1, max: 65_536 })
  checkNumber(`${where}: dropout`, full.dropout, { min: 0, below: 1 })
  checkChoice(`${where}: activation`, full.activation, ['gelu', 'gelu_new', 'relu'])
  checkNumber(`${where}: epsilon`, full.epsilon, { above: 0 })
  return full
}
