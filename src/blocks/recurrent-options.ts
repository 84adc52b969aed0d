import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkNumber, checkOptions } from '../options.ts'

export interface RecurrentOptions {
  /** Size of the hidden states; with `bidirectional` half of it for each direction. */
  readonly width: number
  /** Default 1. */
  readonly layers?: number
  /** Between layers; default 0. */
  readonly dropout?: number
  /** Whether it reads sessions from their end, too; default false. */
  readonly bidirectional?: boolean
}

export const recurrentOptions = ['width', 'layers', 'dropout', 'bidirectional'] as const

/** All options with their defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkRecurrent(kind: string, options: RecurrentOptions): Required<RecurrentOptions> {
  const where = `blocks.${kind}`
  checkOptions(where, options, recurrentOptions)
  const full = { layers: 1, dropout: 0, bidirectional: false, ...options }
  for (const name of ['width', 'layers'] as const)
    checkNumber(`${where}: ${name}`, full[name], { integer: true, min: 1, max: 65_536 })
  checkNumber(`${where}: dropout`, full.dropout, { min: 0, below: 1 })
  checkBoolean(`${where}: bidirectional`, full.bidirectional)
  if (full.bidirectional && full.width % 2 !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: width ${full.width} cannot be halved for two directions. Choose an even one.`,
    )
  return full
}
