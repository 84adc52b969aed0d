import { EnsuiteError } from '../errors.ts'
import { headWidthOf } from '../nn/index.ts'

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

/** Throws `OPTION_INVALID` for a width that cannot be shared out. */
export function checkRelativeWidth(kind: string, { width, heads }: RelativeOptions): void {
  headWidthOf(width, heads)
  if (width % 2 !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.${kind}: width must be even, received ${width}. A distance is as many sines as cosines.`,
    )
}
