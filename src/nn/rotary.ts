import {
  add,
  cast,
  concat,
  constant,
  cos,
  customGradient,
  mul,
  neg,
  reshape,
  sin,
  split,
  sub,
  type Dim,
  type Tensor,
} from '../graph/index.ts'

/** What a position turns queries and keys by: [batch, 1, time, headWidth / 2] each. */
export interface Rotation {
  readonly cosine: Tensor
  readonly sine: Tensor
}

/**
 * The angles of rotary positions (Su et al. 2021): position · base^(−2i ÷ headWidth). positions [batch, time] int32; `headWidth` is even.
 */
export function rotation(
  positions: Tensor,
  { headWidth, base }: { readonly headWidth: number; readonly base: number },
): Rotation {
  const [batch, time] = positions.shape as [Dim, Dim]
  const half = headWidth / 2
  const frequencies = Array.from({ length: half }, (_, at) => base ** (-at / half))
  const angles = mul(reshape(cast(positions, 'float32'), [batch, 1, time, 1]), constant(frequencies, [half]))
  return { cosine: cos(angles), sine: sin(angles) }
}

/** Turns the pairs (x_i, x_{i + headWidth/2}) by their angles: x [batch, heads, time, headWidth] → same. Its gradient turns back. */
export function rotate(x: Tensor, { cosine, sine }: Rotation): Tensor {
  const [first, second] = split(x, { axis: -1, parts: 2 }) as [Tensor, Tensor]
  const turned = concat(
    [sub(mul(first, cosine), mul(second, sine)), add(mul(second, cosine), mul(first, sine))],
    { axis: -1 },
  )
  return customGradient(turned, [x], (dy) => [rotate(dy, { cosine, sine: neg(sine) })])
}
