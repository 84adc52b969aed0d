import { EnsuiteError } from '../errors.ts'
import { settledOptions } from './settled-options.ts'

export interface RecurrentOptions {
  /** Size of the hidden states; with `bidirectional` half of it for each direction. */
  readonly width: number
  /** Default 1. */
  readonly layers?: number
  /** Between layers, and of the result where there is one layer, as GRU4Rec has it (PyTorch has none there); default 0. */
  readonly dropout?: number
  /** Whether it reads sessions from their end, too; default false. */
  readonly bidirectional?: boolean
}

export const recurrentOptions = ['width', 'layers', 'dropout', 'bidirectional'] as const

/** All options with their defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkRecurrent(kind: string, options: RecurrentOptions): Required<RecurrentOptions> {
  const full = settledOptions(kind, recurrentOptions, options, {
    layers: 1,
    dropout: 0,
    bidirectional: false,
  })
  if (full.bidirectional && full.width % 2 !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.${kind}: width ${full.width} cannot be halved for two directions. Choose an even one.`,
    )
  return full
}
