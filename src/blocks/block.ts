import type { Tensor } from '../graph/index.ts'
import type { MaskingKind } from '../masking/index.ts'
import type { Scope } from '../nn/index.ts'

/** What a block is told beside its input. */
export interface BlockContext<Kind extends MaskingKind = MaskingKind> {
  readonly masking: Kind
  /** [batch, 1, time, time]: 0 where a position may look, very negative where it may not. Follows from the masking. */
  readonly attentionBias: Tensor
  /** [batch, time] int32: 0 = padding, else the session's number within its row. A row may hold several: what goes from place to place must stop between them. */
  readonly segments: Tensor
  /** [batch, time] int32: each event's place in its own session, from 0. */
  readonly positions: Tensor
  /** [batch, time] int32: whole seconds since the session's first event in the batch; where the block `readsTimes`. */
  readonly elapsed?: Tensor
  /** How many places the longest session has, so the number of positions. */
  readonly maxLength: number
  /**
   * With `permuted` only: a second stream, which starts as `start` [batch, time, width], and in which a position sees what `attentionBias` [batch, 1, time, time] allows
   * and never itself. Its states are then what the block returns.
   */
  readonly query?: { readonly start: Tensor; readonly attentionBias: Tensor }
}

/** What a parameter of a block starts from. */
export interface StartingTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
  /** Of a table of positions: a model that has fewer places takes the first rows. This many rows are before the first place. */
  readonly firstPlace?: number
}

/** What a block that was trained elsewhere starts from. */
export interface StartingWeights {
  /** The folder that it was read from. */
  readonly from: string
  /** By the names that the block gives its parameters. */
  readonly tensors: Readonly<Record<string, StartingTensor>>
}

/** An architecture that processes sequences: interaction embeddings [batch, time, width] → hidden states of the same shape. `Kind`: the maskings that it goes with. */
export interface Block<in Kind extends MaskingKind = never> {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
  readonly width: number
  /** Width of what it is given, where that is another: [batch, time, inputWidth] → [batch, time, width]. */
  readonly inputWidth?: number
  /** Whether it needs `context.elapsed`, and so sessions with times. For causal maskings: a hidden event would tell its time. */
  readonly readsTimes?: boolean
  /** What its parameters start from; drawn unless given. An artifact holds what they were trained to, and not this. */
  readonly weights?: StartingWeights
  readonly supports: readonly MaskingKind[]
  readonly build: (scope: Scope, x: Tensor, context: BlockContext<Kind>) => Tensor
}
