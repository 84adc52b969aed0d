import { UNKNOWN } from '../../codes.ts'
import { categoricalFeature } from '../item-categories.ts'
import { type SliceContext, type Slicing, UNKNOWN_SLICE } from './slicing.ts'

/** A categorical feature, and how its codes are called; by their number where that is left out. */
export interface FeatureSlices {
  readonly feature: string
  readonly nameOf?: (code: number) => string
}

/** By the feature at the last event before the target: what was known when it was predicted. Throws `OPTION_UNKNOWN` for a feature that is none. */
export function byFeature({ feature, nameOf = String }: FeatureSlices, { sessions }: SliceContext): Slicing {
  const codes = categoricalFeature(sessions, feature, 'slices of evaluateRanking')
  return {
    of: (session) => {
      const code = codes[sessions.offsets[session + 1]! - 2]!
      if (code === UNKNOWN) return UNKNOWN_SLICE
      const name = nameOf(code)
      // A value may have that very name.
      return name === UNKNOWN_SLICE ? `${name} (a value)` : name
    },
  }
}
