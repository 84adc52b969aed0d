import type { Tensor } from '../graph/index.ts'
import type { Scope } from '../nn/index.ts'
import type { Random } from '../random.ts'

export type MaskingKind = 'causal' | 'masked' | 'permuted' | 'replaced'

/** Training may draw; evaluating hides the last event of a session, and that alone. */
export type MaskingMode = 'train' | 'evaluate'

/** What is predicted of a session. */
export interface Targets {
  /** Events, counted from 0 in the session, ascending: [targets]. */
  readonly events: Int32Array
  /** Place of each in the order in which they are predicted, from 1; without it they do not see each other: [targets]. */
  readonly order?: Int32Array
}

/** The part of a masking that chooses what a batch shows: data, no graph. */
export interface SessionMasking {
  /**
   * `next`: a session is shown without its last event, and an event is predicted at the place before it.
   * `itself`: all events have their place, and one that is predicted is hidden there.
   */
  readonly predicts: 'next' | 'itself'
  /** Whether a batch holds what is hidden in training, since the graph reads it: later targets look at it, or it is replaced. In evaluation it never does. */
  readonly readsTargets: boolean
  /** The targets of a session of so many events, two or more: never all of them, so that every target has something to go by. */
  targets(mode: MaskingMode, events: number, random: Random): Targets
}

export interface AttentionInputs {
  /** [batch, time] int32: 0 = padding, else the session's number within its row. */
  readonly segments: Tensor
  /** [batch, time] int32: 0 where an event is shown, else its place in the order of prediction, from 1. Where a masking predicts events themselves. */
  readonly order?: Tensor
}

/** [batch, 1, time, time] each: 0 where a position may look, very negative where it may not. */
export interface AttentionBias {
  readonly bias: Tensor
  /** Of the second stream, in which a position never sees its own event. */
  readonly query?: Tensor
}

/** What the model sees of a session, as data. It decides the attention pattern, so that no block can look where it must not. */
export interface Masking<Kind extends MaskingKind = MaskingKind> extends SessionMasking {
  readonly kind: Kind
  readonly options: Readonly<Record<string, number | string | boolean>>
  attention(inputs: AttentionInputs): AttentionBias
  /** What is learnt beside the heads' predictions. Default: nothing. */
  readonly auxiliary?: {
    /** Weight of the heads' loss beside this one. */
    readonly weight: number
    readonly loss: (inputs: AuxiliaryInputs) => Tensor
    /** The scope of a second block, where it has one with parameters of its own. */
    readonly ownBlock?: string
  }
}

/** The graph of training, for a masking with a loss of its own. The next item is predicted at every label. */
export interface AuxiliaryInputs extends Required<AttentionInputs> {
  readonly scope: Scope
  /** [batch, time] int32: which label is predicted at a place, 0 where none is. */
  readonly labelAt: Tensor
  /** [labels] int32: item codes. */
  readonly labelItems: Tensor
  /** How many codes come before those of items: column j of the scores is the item of code j + reserved. */
  readonly reserved: number
  /** Of all items: [labels, items − reserved]. */
  scores(): Tensor
  /** Of some items: codes [candidates] → [labels, candidates]. */
  scoresOf(codes: Tensor): Tensor
  /** Interaction embeddings with, in place of each label's event, that of another label: labels [labels] → [batch, time, width]. */
  exchangedEvents(labels: Tensor): Tensor
  /** Interaction embeddings with, in place of each label's item, another one, at the features of its event: codes [labels] → [batch, time, width]. */
  exchangedItems(codes: Tensor): Tensor
  /** Hidden states [batch, time, width] of these embeddings, with the weights of the model's block, or of another one in `scope`. */
  encode(x: Tensor, scope?: Scope): Tensor
}
