import { add, customGradient, div, exp, log, max, mul, sub, sum, type Tensor } from '../../graph/index.ts'

/** ln Σ eˣ over the last axis, without overflow: x [..., n] → [..., 1]. Its gradient is the softmax, from the same exponentials. */
export function logSumExp(x: Tensor): Tensor {
  const largest = max(x, { axes: [-1], keepDims: true })
  const terms = exp(sub(x, largest))
  const total = sum(terms, { axes: [-1], keepDims: true })
  return customGradient(add(largest, log(total)), [x], (dy) => [mul(terms, div(dy, total))])
}
