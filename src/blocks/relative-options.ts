import { EnsuiteError } from '../errors.ts'
import { headWidthOf } from '../nn/index.ts'
import { checkNumber } from '../options.ts'

/** What blocks have that look by relative distance. */
export interface RelativeOptions {
  /** Size of the hidden states; even, and a multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Width of the feed-forward layer as a multiple of `width`; default 4. */
  readonly expansion?: number
}

export const relativeOptions = [...['width', 'layers', 'heads', 'dropout', 'expansion', 'epsilon']] as const

/** Throws `OPTION_INVALID` for what is out of range. */
export function checkRelative(
  where: string,
  options: Required<RelativeOptions> & { readonly dropout: number; readonly epsilon: number },
): void {
  for (const name of ['width', 'layers', 'heads', 'expansion'] as const)
    checkNumber(`${where}: ${name}`, options[name], { integer: true, min: 1, max: 65_536 })
  headWidthOf(options.width, options.heads)
  if (options.width % 2 !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: width must be even, received ${options.width}. A distance is as many sines as cosines.`,
    )
  checkNumber(`${where}: dropout`, options.dropout, { min: 0, below: 1 })
  checkNumber(`${where}: epsilon`, options.epsilon, { above: 0 })
}
