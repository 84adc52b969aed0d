import { abs, add, less, mul, where, type Tensor } from '../../graph/index.ts'
import { SMALLEST_NORMAL } from '../../kernels/index.ts'

/** `x`, or 0 for what is below the normal numbers of float32. */
export const normal = (x: Tensor): Tensor => where(less(abs(x), SMALLEST_NORMAL), 0, x)

/** The gradient with its decay in it. */
export const coupled = (gradient: Tensor, parameter: Tensor, decay: Tensor | undefined): Tensor =>
  decay === undefined ? gradient : add(gradient, mul(parameter, decay))
