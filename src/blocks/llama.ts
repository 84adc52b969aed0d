import { add, mul, reshape, split, type Tensor } from '../graph/index.ts'
import {
  apartByHeads,
  dotProducts,
  dropout,
  gatedFeedForward,
  headWidthOf,
  linear,
  linears,
  rootNorm,
  rotate,
  rotation,
  togetherByHeads,
  weightedSum,
  type Rotation,
  type Scope,
} from '../nn/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Block, BlockContext } from './block.ts'
import { settledOptions } from './settled-options.ts'

export interface LlamaOptions {
  /** Size of the hidden states; an even multiple of `heads`. */
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Heads of keys and values, each shared by as many of the queries'; divides `heads`, its default. */
  readonly keyValueHeads?: number
  /** Of the embeddings, the attention weights, the gated layer and both residual branches; default 0.1. The language model has none. */
  readonly dropout?: number
  /** Width of the feed-forward layer as a multiple of `width`, a whole number of values; default 3. */
  readonly expansion?: number
  /** Of the rotary positions: larger turns slower; default 10,000. */
  readonly rotaryBase?: number
  /** Of the norms; default 1e-6. */
  readonly epsilon?: number
}

export const llamaOptions = [
  ...['width', 'layers', 'heads', 'keyValueHeads', 'dropout', 'expansion', 'rotaryBase', 'epsilon'],
] as const

type Full = Required<LlamaOptions>

const DEFAULTS = { dropout: 0.1, expansion: 3, rotaryBase: 10_000, epsilon: 1e-6 }
/** Released models are not a whole number of times as wide. */
const RANGES = { expansion: { above: 0, max: 65_536 } }

/**
 * The decoder of today, as in LLaMA (Touvron et al. 2023): rotary positions, norms by the root of the mean square before each branch, SwiGLU, no biases; keys and values of fewer heads
 * (Ainslie et al. 2023). Same parameter names and, where the heads are as many, the same states as Hugging Face's `LlamaModel` fed with `inputs_embeds`.
 * Differs: dropout; no token table; with a masking that hides what it predicts it reads both ways.
 */
export function llama(options: LlamaOptions): Block<'causal' | 'masked' | 'replaced'> {
  const settled = settledOptions('llama', llamaOptions, options, DEFAULTS, RANGES)
  const full = Object.freeze({ keyValueHeads: settled.heads, ...settled })
  const inner = full.expansion * full.width
  if (Math.round(inner) < 1 || Math.abs(inner - Math.round(inner)) > 1e-6)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.llama: expansion ${full.expansion} of width ${full.width} gives ${inner} values. Choose one that gives a whole number, 1 or more.`,
    )
  if (headWidthOf(full.width, full.heads) % 2 !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.llama: a head of width ${full.width / full.heads} cannot be turned in pairs. Choose a width that is an even multiple of the heads.`,
    )
  if (full.heads % full.keyValueHeads !== 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `blocks.llama: ${full.heads} heads cannot share ${full.keyValueHeads} heads of keys and values. Choose a number that divides them.`,
    )
  return Object.freeze({
    kind: 'llama',
    options: full,
    width: full.width,
    supports: ['causal' as const, 'masked' as const, 'replaced' as const],
    build: (scope: Scope, x: Tensor, context: BlockContext) => build(scope, x, context, full),
  })
}

function build(scope: Scope, x: Tensor, context: BlockContext, options: Full): Tensor {
  const { width, layers, heads, epsilon, rotaryBase: base } = options
  const turn = rotation(context.positions, { headWidth: width / heads, base })
  let hidden = dropout(scope, x, options.dropout)
  for (let at = 0; at < layers; at++)
    hidden = layer(scope.child('layers').child(at), hidden, { bias: context.attentionBias, turn }, options)
  return rootNorm(scope.child('norm'), hidden, { epsilon })
}

interface Seen {
  readonly bias: Tensor
  readonly turn: Rotation
}

function layer(scope: Scope, x: Tensor, seen: Seen, options: Full): Tensor {
  const { width, epsilon, expansion } = options
  const self = scope.child('self_attn')
  const given = rootNorm(scope.child('input_layernorm'), x, { epsilon })
  const middle = add(x, dropout(self, selfAttention(self, given, seen, options), options.dropout))

  const mlp = scope.child('mlp')
  const scopes = { gate: mlp.child('gate_proj'), up: mlp.child('up_proj'), down: mlp.child('down_proj') }
  const inner = rootNorm(scope.child('post_attention_layernorm'), middle, { epsilon })
  const forwarded = gatedFeedForward(scopes, inner, {
    inner: Math.round(expansion * width),
    dropout: options.dropout,
  })
  return add(middle, dropout(mlp, forwarded, options.dropout))
}

/** x [batch, time, width] → same. Queries that share keys stand one after the other along time, so that keys and values are never repeated. */
function selfAttention(scope: Scope, x: Tensor, { bias, turn }: Seen, options: Full): Tensor {
  const { width, heads, keyValueHeads: groups } = options
  const [batch, time] = x.shape as [number, number]
  const headWidth = width / heads
  const sharing = heads / groups
  const apart = (name: string, count: number): Tensor =>
    apartByHeads(linear(scope.child(name), x, count * headWidth, { bias: false }), count)
  const [q, k, v] =
    sharing === 1
      ? split(
          linears(
            ['q_proj', 'k_proj', 'v_proj'].map((name) => scope.child(name)),
            x,
            width,
            { bias: false },
          ),
          { axis: -1, parts: 3 },
        ).map((part) => apartByHeads(part, heads))
      : [apart('q_proj', heads), apart('k_proj', groups), apart('v_proj', groups)]
  const grouped = (rows: Tensor, last: number): Tensor => reshape(rows, [batch, groups, -1, last])
  const queries = grouped(mul(rotate(q!, turn), 1 / Math.sqrt(headWidth)), headWidth)
  const products = dotProducts(queries, rotate(k!, turn))
  const scores = add(
    reshape(products, [batch, groups, sharing, time, time]),
    reshape(bias, [batch, 1, 1, time, time]),
  )
  const mask = scope.mask([batch, groups, scores.shape[2]!, time, time], options.dropout)
  const flat = (matrices: Tensor): Tensor => reshape(matrices, products.shape)
  const attended = weightedSum(flat(scores), v!, mask && flat(mask))
  const byHeads = reshape(attended, [batch, heads, time, headWidth])
  return linear(scope.child('o_proj'), togetherByHeads(byHeads), width, { bias: false })
}
