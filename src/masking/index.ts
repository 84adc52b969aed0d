export { causal, type CausalOptions } from './causal.ts'
export { masked, type MaskedOptions } from './masked.ts'
export { permuted, type PermutedOptions } from './permuted.ts'
export { replaced, type ReplacedOptions } from './replaced.ts'
export { maskingKinds, maskingOfKind } from './kinds.ts'
export type {
  AttentionBias,
  AttentionInputs,
  Masking,
  MaskingKind,
  MaskingMode,
  SessionMasking,
  Targets,
} from './masking.ts'
