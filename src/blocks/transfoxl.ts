import { add, mul, reshape, split, transpose, type Tensor } from '../graph/index.ts'
import {
  distances,
  dropout,
  feedForward,
  linear,
  norm,
  relativeBiases,
  relativeContext,
  type RelativeBiases,
  type Scope,
} from '../nn/index.ts'
import type { Block, BlockContext } from './block.ts'
import { checkRelativeWidth, relativeOptions, type RelativeOptions } from './relative-options.ts'
import { settledOptions } from './settled-options.ts'

export interface TransfoxlOptions extends RelativeOptions {
  /** Of the embeddings, the distances, the activations, both residual branches and the result; default 0.1. */
  readonly dropout?: number
  /** Of the attention weights; default 0, as Hugging Face's. */
  readonly attentionDropout?: number
  /** Whether a norm stands before each branch, and none behind; default false. */
  readonly preNorm?: boolean
  /** Whether all layers share `r_w_bias` and `r_r_bias`; default false. */
  readonly tieBiases?: boolean
  /** Default 1e-5. */
  readonly epsilon?: number
}

export const transfoxlOptions = [...relativeOptions, ...['attentionDropout', 'preNorm', 'tieBiases']] as const

/**
 * Transformer-XL (Dai et al. 2019) as in Hugging Face's `TransfoXLModel` fed with `inputs_embeds`, with `mem_len` 0, `clamp_len` −1 and `same_length` false: same parameter names.
 * Events know of each other by their distance alone; there is no table of positions.
 * Differs: no token table (`word_emb`); no memory of earlier rows, since a session is read whole; one dropout mask of the distances a batch, as there;
 * norms start at 1, not at random values near it.
 */
export function transfoxl(options: TransfoxlOptions): Block<'causal'> {
  const full = settledOptions('transfoxl', transfoxlOptions, options, DEFAULTS)
  checkRelativeWidth('transfoxl', full)
  return Object.freeze({
    kind: 'transfoxl',
    options: full,
    width: full.width,
    supports: ['causal' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

const DEFAULTS = {
  dropout: 0.1,
  attentionDropout: 0,
  expansion: 4,
  preNorm: false,
  tieBiases: false,
  epsilon: 1e-5,
}

type Full = Required<TransfoxlOptions>

/** What a layer is told beside its input. */
interface LayerContext {
  /** [batch, 1, time, time]. */
  readonly bias: Tensor
  /** [time + 1, width]: what `distances` gives. */
  readonly far: Tensor
  /** Where all layers share them. */
  readonly biases: RelativeBiases | undefined
}

function build(scope: Scope, x: Tensor, { attentionBias }: BlockContext, options: Full): Tensor {
  const { width, heads, layers } = options
  const time = x.shape[1]!
  let hidden = dropout(scope, x, options.dropout)
  const context: LayerContext = {
    bias: attentionBias,
    far: dropout(scope, distances(time, `(${time}+1)`, width), options.dropout),
    biases: options.tieBiases ? relativeBiases(scope, heads, width / heads) : undefined,
  }
  for (let at = 0; at < layers; at++)
    hidden = layer(scope.child('layers').child(at), hidden, context, options)
  return dropout(scope, hidden, options.dropout)
}

function layer(scope: Scope, x: Tensor, context: LayerContext, options: Full): Tensor {
  const attn = scope.child('dec_attn')
  const middle = residual(attn, x, options, (given) => attended(attn, given, context, options))
  const forward = scope.child('pos_ff')
  return residual(forward, middle, options, (given) => forwarded(forward, given, options))
}

/** x and what a branch makes of it, with a norm before the branch or behind the sum: x [batch, time, width] → same. */
function residual(scope: Scope, x: Tensor, options: Full, branch: (given: Tensor) => Tensor): Tensor {
  const own = scope.child('layer_norm')
  const normed = (given: Tensor): Tensor => norm(own, given, options)
  const branched = (given: Tensor): Tensor => dropout(scope, branch(given), options.dropout)
  return options.preNorm ? add(x, branched(normed(x))) : normed(add(x, branched(x)))
}

/** x [batch, time, width] → same. */
function attended(scope: Scope, x: Tensor, { bias, far, biases }: LayerContext, options: Full): Tensor {
  const { width, heads, attentionDropout } = options
  const [batch, time] = x.shape as [number, number, number]
  const headWidth = width / heads
  const qkv = linear(scope.child('qkv_net'), x, 3 * width, { bias: false })
  const apart = transpose(reshape(qkv, [batch, time, 3, heads, headWidth]), [2, 3, 0, 1, 4])
  const [q, k, v] = split(apart, { axis: 0, parts: 3 }).map((part) =>
    reshape(part, [heads, batch, time, headWidth]),
  ) as [Tensor, Tensor, Tensor]
  const along = linear(scope.child('r_net'), far, width, { bias: false })
  const r = transpose(reshape(along, [-1, heads, headWidth]), [1, 0, 2])
  const own = biases ?? relativeBiases(scope, heads, headWidth)
  const projected = { q: mul(q, 1 / Math.sqrt(headWidth)), k, v, r, bias, ...own }
  const context = relativeContext(scope, projected, attentionDropout)
  return reshape(linear(scope.child('o_net'), context, width, { bias: false }), x.shape)
}

/** x [batch, time, width] → same. */
function forwarded(scope: Scope, x: Tensor, { width, expansion, ...options }: Full): Tensor {
  // The numbers are places in Hugging Face's list of modules.
  const core = scope.child('CoreNet')
  const scopes = { first: core.child(0), second: core.child(3) }
  return feedForward(scopes, x, {
    inner: expansion * width,
    activation: 'relu',
    first: {},
    second: {},
    dropout: options.dropout,
  })
}
