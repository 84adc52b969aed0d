import {
  cast,
  concat,
  customGradient,
  equal,
  mul,
  neg,
  pad,
  reshape,
  slice,
  sub,
  sum,
  add,
  type Dim,
  type Tensor,
} from '../graph/index.ts'

/** Complex numbers: the real parts, then the imaginary ones, along the first axis. */
type Complex = Tensor

export interface LinearRecurrence {
  /** [2, batch, time, width]: what comes in, complex. */
  readonly x: Complex
  /** [2, width]: what a state is multiplied with at each step, complex. */
  readonly factor: Complex
  /** [batch, time] int32: 0 = padding, else the session's number within its row. */
  readonly segments: Tensor
  /** How many events the longest session has. */
  readonly maxLength: number
}

/**
 * h_t = λ ∘ h_{t−1} + x_t within each session, of complex numbers: → [2, batch, time, width]. All steps are made in log₂(maxLength) rounds, each of which doubles how far back a state knows
 * (Hillis and Steele 1986). Its gradient is the same recurrence from the end, with λ's conjugate.
 */
export function linearRecurrence({ x, factor, segments, maxLength }: LinearRecurrence): Complex {
  const run = (values: Complex, factors: Complex, reverse: boolean): Complex => {
    let [states, power] = [values, factors]
    for (let back = 1; back < maxLength; back *= 2) {
      const before = mul(shifted(states, back, reverse), sameSession(segments, back, reverse))
      states = add(states, product(before, power))
      power = product(power, power)
    }
    return states
  }
  const states = run(x, factor, false)
  return customGradient(states, [x, factor], (dy) => {
    const dx = run(dy, conjugate(factor), true)
    const before = mul(shifted(states, 1, false), sameSession(segments, 1, false))
    return [dx, sum(product(dx, conjugate(before)), { axes: [1, 2] })]
  })
}

/** Each place's value `back` places earlier (`reverse`: later), 0 beyond the end: the axis of time is the last but one, or the last of two. */
function shifted(x: Tensor, back: number, reverse: boolean): Tensor {
  const axis = x.shape.length === 2 ? 1 : x.shape.length - 2
  const longer = pad(x, { axis, before: reverse ? 0 : back, after: reverse ? back : 0 })
  return slice(longer, { axis, start: reverse ? back : 0, length: x.shape[axis]! })
}

/** 1 where the value `back` places away is of the same session: [batch, time, 1]. Padding's number is 0, as beyond the end: it lives among itself. */
function sameSession(segments: Tensor, back: number, reverse: boolean): Tensor {
  const [batch, time] = segments.shape as [Dim, Dim]
  return reshape(cast(equal(segments, shifted(segments, back, reverse)), 'float32'), [batch, time, 1])
}

const parts = (z: Complex): readonly [Tensor, Tensor] => [
  slice(z, { axis: 0, start: 0, length: 1 }),
  slice(z, { axis: 0, start: 1, length: 1 }),
]

const conjugate = (z: Complex): Complex => {
  const [real, imaginary] = parts(z)
  return concat([real, neg(imaginary)], { axis: 0 })
}

/** a ∘ b, a [2, …, width], b as a or [2, width]. */
function product(a: Complex, b: Complex): Complex {
  const rank = a.shape.length
  const wide =
    b.shape.length === rank ? b : reshape(b, [2, ...new Array<number>(rank - 2).fill(1), b.shape[1]!])
  const [[real, imaginary], [ofReal, ofImaginary]] = [parts(a), parts(wide)]
  return concat(
    [
      sub(mul(real, ofReal), mul(imaginary, ofImaginary)),
      add(mul(real, ofImaginary), mul(imaginary, ofReal)),
    ],
    { axis: 0 },
  )
}
