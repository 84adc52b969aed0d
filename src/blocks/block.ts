import type { Tensor } from '../graph/index.ts'
import type { MaskingKind } from '../masking/index.ts'
import type { Scope } from '../nn/index.ts'

/** What a block is told beside its input. */
export interface BlockContext {
  /** [batch, 1, time, time]: 0 where a position may look. Follows from the masking. */
  readonly attentionBias: Tensor
  /** [batch, time] int32: each event's place in its own session, from 0. */
  readonly positions: Tensor
  /** The longest session, so the number of positions. */
  readonly maxLength: number
}

/** An architecture that processes sequences: interaction embeddings [batch, time, width] → hidden states of the same shape. */
export interface Block<Masks extends MaskingKind = MaskingKind> {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
  readonly width: number
  readonly supports: readonly Masks[]
  build(scope: Scope, x: Tensor, context: BlockContext): Tensor
}
