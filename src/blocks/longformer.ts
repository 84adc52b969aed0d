import { EnsuiteError } from '../errors.ts'
import { cast, equal, not, pad, slice, type Tensor } from '../graph/index.ts'
import {
  aroundAttention,
  bertEmbeddings,
  bertLayer,
  globalAttention,
  windowedBias,
  type Scope,
} from '../nn/index.ts'
import { checkChoice } from '../options.ts'
import type { Block, BlockContext } from './block.ts'
import { checkEncoder, encoderOptions, type EncoderOptions } from './encoder-options.ts'

export interface LongformerOptions extends EncoderOptions {
  /** How many events an event sees around itself, half of them on each side; even, default 32. */
  readonly window?: number
  /**
   * Which event of a session sees the whole session, and is seen by it: the `first` (the default), the `last`, or `none`. A recommendation is read at the last event. Where that
   * is global, it is by projections that learn to predict only where the last event is hidden in training, as with `trainOn: 'last'`.
   */
  readonly global?: (typeof GLOBAL)[number]
}

const GLOBAL = ['none', 'first', 'last'] as const

export const longformerOptions = [...encoderOptions, 'window', 'global'] as const

/** Hugging Face counts positions from behind the code of padding, which is 1. */
const FIRST_POSITION = 2

const DEFAULTS: Required<Pick<LongformerOptions, 'window' | 'global'>> = { window: 32, global: 'first' }

/**
 * Longformer (Beltagy et al. 2020), post-norm, as in Hugging Face's `LongformerModel` without a pooling layer, fed with `inputs_embeds`: RoBERTa in which an event sees those near it,
 * and one event of each session sees and is seen by all of it, by projections of its own (`query_global`, `key_global`, `value_global`; not there with `global` 'none').
 * Distances are those of the session, since its events stand side by side. Which event is global goes by its place alone, so that it tells nothing of what a masking hides or replaces.
 * Differs: no token table; global events are chosen by `global`, where Hugging Face is given a `global_attention_mask`; no window of its own a layer;
 * what is outside of the window is computed and hidden, since a session is seldom longer than the chunks of the paper's algorithm, which would be computed whole: the cost is that of BERT.
 */
export function longformer(options: LongformerOptions): Block<'masked' | 'replaced'> {
  const full = checkEncoder('longformer', options, { options: ['window', 'global'], defaults: DEFAULTS })
  if (full.window % 2 !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.longformer: window must be even, received ${full.window}. Half of it is on each side of an event.`,
    )
  checkChoice('blocks.longformer: global', full.global, GLOBAL)
  return Object.freeze({
    kind: 'longformer',
    options: full,
    width: full.width,
    supports: ['masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

type Full = Required<LongformerOptions>

function build(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  const { layers, window, global } = options
  const isGlobal = global === 'none' ? undefined : atEdge(context.segments, global)
  const bias = windowedBias(context.attentionBias, window, isGlobal)
  let hidden = bertEmbeddings(scope, x, context.positions, {
    ...options,
    maxLength: context.maxLength,
    firstPosition: FIRST_POSITION,
  })
  const stack = scope.child('encoder').child('layer')
  for (let at = 0; at < layers; at++)
    hidden =
      isGlobal === undefined
        ? bertLayer(stack.child(at), hidden, bias, options)
        : globalLayer(stack.child(at), hidden, { bias, isGlobal }, options)
  return hidden
}

function globalLayer(
  scope: Scope,
  x: Tensor,
  seen: { readonly bias: Tensor; readonly isGlobal: Tensor },
  options: Full,
): Tensor {
  const attended = globalAttention(scope.child('attention').child('self'), x, seen, options)
  return aroundAttention(scope, x, attended, options)
}

/** Whether an event is the first, or the last, of its session: segments [batch, time] int32 → bool. Padding, of which no session sees anything, may have a first one, too. */
function atEdge(segments: Tensor, edge: 'first' | 'last'): Tensor {
  const sessions = cast(segments, 'float32')
  const isFirst = edge === 'first'
  const longer = pad(sessions, { axis: 1, before: isFirst ? 1 : 0, after: isFirst ? 0 : 1 })
  const neighbours = slice(longer, { axis: 1, start: isFirst ? 0 : 1, length: segments.shape[1]! })
  return not(equal(sessions, neighbours))
}
