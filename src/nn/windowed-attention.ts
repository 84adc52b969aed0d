import {
  abs,
  cast,
  concat,
  lessOrEqual,
  mul,
  or,
  range,
  reshape,
  split,
  sub,
  sum,
  transpose,
  where,
  type Tensor,
} from '../graph/index.ts'
import { attend, headWidthOf, HIDDEN, type AttentionOptions } from './attention.ts'
import { linears } from './linear.ts'
import type { Scope } from './scope.ts'

/**
 * Where events may look that see `window ÷ 2` events on each side of them: bias [batch, 1, time, time] → same, with what is farther away hidden.
 * Events of which isGlobal [batch, time] (bool) is true see all that `bias` allows, and are seen.
 */
export function windowedBias(bias: Tensor, window: number, isGlobal?: Tensor): Tensor {
  const [batch, , , time] = bias.shape as [number, number, number, number]
  const places = cast(range(time), 'float32')
  const away = abs(sub(reshape(places, [time, 1]), reshape(places, [1, time])))
  const near = reshape(lessOrEqual(away, window / 2), [1, 1, time, time])
  if (isGlobal === undefined) return where(near, bias, HIDDEN)
  const either = or(reshape(isGlobal, [batch, 1, time, 1]), reshape(isGlobal, [batch, 1, 1, time]))
  return where(or(near, either), bias, HIDDEN)
}

/**
 * Attention in which global events have projections of their own (Beltagy et al. 2020): x [batch, time, width], bias [batch, 1, time, time], isGlobal [batch, time] (bool) →
 * [batch, time, width]. A global event looks by `query_global` at `key_global` and takes `value_global`, of every event; others look by `query` at `key` and take `value`, of
 * global events, too.
 *
 * Both are one attention with heads twice as wide. Half of a query is zero, and so its product with both keys is that of its own kind; half of what it gets is dropped.
 */
export function globalAttention(
  scope: Scope,
  x: Tensor,
  { bias, isGlobal }: { readonly bias: Tensor; readonly isGlobal: Tensor },
  { heads, dropout }: AttentionOptions,
): Tensor {
  const [batch, time, width] = x.shape as [number, number, number]
  const headWidth = headWidthOf(width, heads)
  const names = ['', '_global'].flatMap((kind) => ['query', 'key', 'value'].map((name) => name + kind))
  const projected = linears(
    names.map((name) => scope.child(name)),
    x,
    width,
  )
  const apart = transpose(reshape(projected, [batch, time, 2, 3, heads, headWidth]), [3, 0, 4, 1, 2, 5])
  const [q, k, v] = split(apart, { axis: 0, parts: 3 }).map((part) =>
    reshape(part, [batch, heads, time, 2, headWidth]),
  ) as [Tensor, Tensor, Tensor]
  const kind = reshape(cast(isGlobal, 'float32'), [batch, time, 1])
  const own = reshape(concat([sub(1, kind), kind], { axis: 2 }), [batch, 1, time, 2, 1])
  const wide = (part: Tensor): Tensor => reshape(part, [batch, heads, time, 2 * headWidth])
  const both = { q: wide(mul(q, own)), k: wide(k), v: wide(v), bias }
  const context = attend(scope, both, { scale: 1 / Math.sqrt(headWidth), dropout })
  const kept = sum(mul(reshape(context, [batch, heads, time, 2, headWidth]), own), { axes: [3] })
  return reshape(transpose(kept, [0, 2, 1, 3]), [batch, time, width])
}
