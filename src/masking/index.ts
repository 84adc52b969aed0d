export { causal } from './causal.ts'
export type { Masking, MaskingKind } from './masking.ts'
