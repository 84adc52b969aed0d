import { customGradient } from '../gradients.ts'
import type { Tensor } from '../tensor.ts'
import { add, erf, exp, mul, neg, sigmoid, sub, tanh } from './elementwise.ts'

const TWO_BY_SQRT_PI = 2 / Math.sqrt(Math.PI)

/** x·Φ(x) with the error function. Its gradient reuses c = 1 + erf(x/√2): ½(c + a·2/√π·exp(−a²)), a = x/√2. */
export function gelu(x: Tensor): Tensor {
  const a = mul(x, Math.SQRT1_2)
  const c = add(erf(a), 1)
  const y = mul(mul(x, 0.5), c)
  return customGradient(y, [x], (dy) => [
    mul(mul(dy, 0.5), add(c, mul(mul(a, TWO_BY_SQRT_PI), exp(neg(mul(a, a)))))),
  ])
}

const TANH_SCALE = Math.sqrt(2 / Math.PI)
const TANH_CUBE = 0.044715

/** GELU by its tanh approximation, as GPT-2 has it: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export function geluTanh(x: Tensor): Tensor {
  const square = mul(x, x)
  const t = tanh(mul(mul(x, TANH_SCALE), add(mul(square, TANH_CUBE), 1)))
  const y = mul(mul(x, 0.5), add(t, 1))
  return customGradient(y, [x], (dy) => {
    const slope = mul(add(mul(square, 3 * TANH_CUBE), 1), TANH_SCALE)
    return [mul(mul(dy, 0.5), add(add(t, 1), mul(mul(x, sub(1, mul(t, t))), slope)))]
  })
}

/** x·σ(x). */
export function silu(x: Tensor): Tensor {
  const s = sigmoid(x)
  const y = mul(x, s)
  return customGradient(y, [x], (dy) => [mul(dy, add(s, mul(y, sub(1, s))))])
}
