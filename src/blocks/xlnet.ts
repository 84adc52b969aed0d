import { add, concat, product, slice, type Tensor } from '../graph/index.ts'
import {
  distances,
  dropout,
  feedForward,
  norm,
  relativeAttention,
  type RelativeAttentionInputs,
  type Scope,
} from '../nn/index.ts'
import { checkChoice } from '../options.ts'
import type { Block, BlockContext } from './block.ts'
import { checkRelativeWidth, relativeOptions, type RelativeOptions } from './relative-options.ts'
import { settledOptions } from './settled-options.ts'

export interface XlnetOptions extends RelativeOptions {
  /** Of the embeddings, the distances, the attention weights, the activations, both residual branches and the result; default 0.1. */
  readonly dropout?: number
  /** `gelu_new` is the tanh approximation; default `gelu`. */
  readonly activation?: 'gelu' | 'gelu_new' | 'relu'
  /** Default 1e-12. */
  readonly epsilon?: number
}

export const xlnetOptions = [...relativeOptions, 'activation'] as const

const DEFAULTS = { dropout: 0.1, expansion: 4, activation: 'gelu' as const, epsilon: 1e-12 }

/**
 * XLNet (Yang et al. 2019) as in Hugging Face's `XLNetModel` fed with `inputs_embeds`: same parameter names, same initialisation.
 * With a causal masking it is Hugging Face's `attn_type` 'uni', else 'bi'. With `context.query` it runs both streams (the paper's h and g) and returns g;
 * h of the last layer, which nothing reads, is not computed.
 * Differs: no token table (`word_embedding`); the query stream's start (`mask_emb`) comes from the masking; no segments (`seg_embed`, `r_s_bias`),
 * which are unused without token types; no memory of earlier rows; one dropout mask of the distances a batch, not one a session.
 */
export function xlnet(options: XlnetOptions): Block<'causal' | 'masked' | 'permuted' | 'replaced'> {
  const full = settledOptions('xlnet', xlnetOptions, options, DEFAULTS)
  checkRelativeWidth('xlnet', full)
  checkChoice('blocks.xlnet: activation', full.activation, ['gelu', 'gelu_new', 'relu'])
  return Object.freeze({
    kind: 'xlnet',
    options: full,
    width: full.width,
    supports: ['causal' as const, 'masked' as const, 'permuted' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Required<XlnetOptions>): Tensor {
  const { width, layers } = options
  const { masking, attentionBias, query } = context
  const time = x.shape[1]!
  // Events that come later need a distance only where they may be seen.
  const reach = masking === 'causal' ? `(${time}+1)` : product([2, time])
  const far = dropout(scope, distances(time, reach, width), options.dropout)
  const stack = (at: number): Scope => scope.child('layer').child(at)
  const start = dropout(
    scope,
    query === undefined ? x : concat([x, query.start], { axis: 1 }),
    options.dropout,
  )

  // Both streams stand one after the other along time: [batch, streams·time, width].
  let states = start
  const content = (): Tensor => slice(states, { axis: 1, start: 0, length: time })
  const both = query === undefined ? attentionBias : concat([attentionBias, query.attentionBias], { axis: 2 })
  for (let at = 0; at < layers - 1; at++) {
    const seen = { queries: states, content: content(), bias: both, distances: far }
    states = layer(stack(at), seen, options)
  }
  const last = { content: content(), distances: far }
  const answer =
    query === undefined
      ? { ...last, queries: states, bias: attentionBias }
      : { ...last, queries: slice(states, { axis: 1, start: time }), bias: query.attentionBias }
  return dropout(scope, layer(stack(layers - 1), answer, options), options.dropout)
}

function layer(scope: Scope, inputs: RelativeAttentionInputs, options: Required<XlnetOptions>): Tensor {
  const { width, heads, epsilon, expansion, activation } = options
  const x = inputs.queries
  const attn = scope.child('rel_attn')
  const attended = relativeAttention(attn, inputs, { heads, dropout: options.dropout })
  const middle = norm(attn.child('layer_norm'), add(x, dropout(attn, attended, options.dropout)), { epsilon })

  const ff = scope.child('ff')
  const scopes = { first: ff.child('layer_1'), second: ff.child('layer_2') }
  const forwarded = feedForward(scopes, middle, {
    inner: expansion * width,
    activation,
    first: {},
    second: {},
    dropout: options.dropout,
  })
  return norm(ff.child('layer_norm'), add(middle, dropout(ff, forwarded, options.dropout)), { epsilon })
}
