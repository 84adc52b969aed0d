import type { Tensor } from '../graph/index.ts'

export type MaskingKind = 'causal' | 'masked' | 'permuted' | 'replaced'

/** What the model sees of a session, as data. It decides the attention pattern, so that no block can look where it must not. */
export interface Masking<Kind extends MaskingKind = MaskingKind> {
  readonly kind: Kind
  readonly options: Readonly<Record<string, never>>
  /** segments [batch, time] (0 = padding, else the session's number within its row) → bias [batch, 1, time, time]. */
  attentionBias(segments: Tensor): Tensor
}
