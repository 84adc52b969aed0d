import { add, type Tensor } from '../graph/index.ts'
import { attention } from './attention.ts'
import { dropout } from './dropout.ts'
import { feedForward, type FeedForwardOptions } from './feed-forward.ts'
import { linear, linears } from './linear.ts'
import { norm } from './norm.ts'
import type { Scope } from './scope.ts'

export interface BertLayerOptions {
  readonly width: number
  readonly heads: number
  readonly dropout: number
  /** Width of the feed-forward layer as a multiple of `width`. */
  readonly expansion: number
  readonly activation: FeedForwardOptions['activation']
  readonly epsilon: number
}

/** A layer of BERT and of those that differ from it elsewhere (RoBERTa, ELECTRA): post-norm, named as Hugging Face's. x [batch, time, width], bias [batch, 1, time, time] → as x. */
export function bertLayer(scope: Scope, x: Tensor, bias: Tensor, options: BertLayerOptions): Tensor {
  const { width, heads } = options
  const self = scope.child('attention').child('self')
  const qkv = linears(
    ['query', 'key', 'value'].map((name) => self.child(name)),
    x,
    width,
  )
  return aroundAttention(scope, x, attention(self, qkv, bias, { heads, dropout: options.dropout }), options)
}

/** The rest of such a layer, where its attention is of another kind: x and what attention made of it, `attended` [batch, time, width], → as x. */
export function aroundAttention(
  scope: Scope,
  x: Tensor,
  attended: Tensor,
  options: BertLayerOptions,
): Tensor {
  const { width, epsilon, expansion } = options
  const mixed = scope.child('attention').child('output')
  const branch = dropout(mixed, linear(mixed.child('dense'), attended, width), options.dropout)
  const middle = norm(mixed.child('LayerNorm'), add(x, branch), { epsilon })

  const output = scope.child('output')
  const scopes = { first: scope.child('intermediate').child('dense'), second: output.child('dense') }
  const forwarded = feedForward(scopes, middle, {
    inner: expansion * width,
    activation: options.activation,
    first: {},
    second: {},
  })
  return norm(output.child('LayerNorm'), add(middle, dropout(output, forwarded, options.dropout)), {
    epsilon,
  })
}
