import { customGradient } from '../gradients.ts'
import type { Tensor } from '../tensor.ts'
import { add, erf, exp, mul, sigmoid, sub } from './elementwise.ts'

const LOG_TWO_BY_SQRT_PI = Math.log(2 / Math.sqrt(Math.PI))

/**
 * √2·GELU(√2·a) = a(1 + erf a): GELU for those who fold the two factors √½ into the products before and after it.
 * Its gradient reuses c = 1 + erf a: c + a·exp(ln(2/√π) − a²).
 */
export function foldedGelu(a: Tensor): Tensor {
  const c = add(erf(a), 1)
  return customGradient(mul(a, c), [a], (dy) => [
    mul(dy, add(c, mul(a, exp(sub(LOG_TWO_BY_SQRT_PI, mul(a, a)))))),
  ])
}

/** x·Φ(x) with the error function. */
export const gelu = (x: Tensor): Tensor => mul(foldedGelu(mul(x, Math.SQRT1_2)), Math.SQRT1_2)

const TANH_SCALE = 2 * Math.sqrt(2 / Math.PI)
const TANH_CUBE = 0.044715

/**
 * GELU by its tanh approximation, as GPT-2 has it: ½x(1 + tanh(√(2/π)(x + 0.044715x³))), which is x·σ(v) with v = 2√(2/π)(x + 0.044715x³): fewer passes, forwards and back.
 */
export function geluTanh(x: Tensor): Tensor {
  const square = mul(x, x)
  const s = sigmoid(mul(x, add(mul(square, TANH_SCALE * TANH_CUBE), TANH_SCALE)))
  const y = mul(x, s)
  return customGradient(y, [x], (dy) => {
    const slope = add(mul(square, 3 * TANH_SCALE * TANH_CUBE), TANH_SCALE)
    return [mul(dy, add(s, mul(mul(y, sub(1, s)), slope)))]
  })
}

/** x·σ(x). */
export function silu(x: Tensor): Tensor {
  const s = sigmoid(x)
  const y = mul(x, s)
  return customGradient(y, [x], (dy) => [mul(dy, add(s, mul(y, sub(1, s))))])
}
