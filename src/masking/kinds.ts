import { checkChoice } from '../options.ts'
import { causal } from './causal.ts'
import { masked } from './masked.ts'
import type { Masking, MaskingKind } from './masking.ts'
import { permuted } from './permuted.ts'
import { replaced } from './replaced.ts'

type UncheckedOptions = Readonly<Record<string, unknown>>

/** Every masking by its kind: what artifacts, the command line and the tests go through. A new masking has its one line here. */
const kinds: Readonly<Record<MaskingKind, (options: UncheckedOptions) => Masking>> = {
  causal: (options) => causal(options),
  masked: (options) => masked(options),
  permuted: (options) => permuted(options),
  replaced: (options) => replaced(options),
}

export const maskingKinds = Object.keys(kinds) as readonly MaskingKind[]

/** The masking of a kind. Throws `OPTION_INVALID`, naming the kinds there are, and what its constructor throws. */
export function maskingOfKind(kind: string, options: UncheckedOptions = {}): Masking {
  checkChoice('masking', kind, maskingKinds)
  return kinds[kind as MaskingKind](options)
}
