import {
  add,
  customGradient,
  gather,
  gemm,
  log,
  maximum,
  mean,
  mul,
  neg,
  pick,
  reshape,
  scatterAdd,
  full,
  softmax,
  sub,
  sum,
  type Tensor,
} from '../graph/index.ts'

/** The smallest probability whose logarithm is taken: a label below it counts −ln(1e-37) = 85 nats; its gradient stays exact. */
export const SMALLEST_PROBABILITY = 1e-37

export interface CrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016). */
  readonly smoothing: number
  /** Divides the logits. */
  readonly temperature: number
  /** Added to the products, before the temperature: [classes]. */
  readonly bias?: Tensor
}

/**
 * Cross-entropy of softmax((h·Eᵀ + bias) ÷ temperature), a value a label: h [labels, width], E [classes, width], targets [labels] → [labels].
 *
 * The softmax P is made once. Its gradients are dh = w(P·E − E[target]) and dE = Pᵀ(w·h) less w·h at the targets, added as rows:
 * nothing of the size of the logits is copied to subtract ones. The bias gets Pᵀw less w at the targets. Smoothing by ε adds
 * ε·(logit of the target − mean logit), which needs the means of E's rows and of the bias, and no logits.
 */
export function crossEntropy(
  h: Tensor,
  classes: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions,
): Tensor {
  const { smoothing, temperature, bias } = options
  const scale = 1 / temperature
  const products = gemm(h, classes, { transposeB: true, alpha: scale })
  const scaled = (x: Tensor): Tensor => (scale === 1 ? x : mul(x, scale))
  const probabilities = softmax(bias === undefined ? products : add(products, scaled(bias)))
  const ofTarget = reshape(pick(probabilities, reshape(targets, [-1, 1])), [-1])
  const own = gather(classes, targets)
  const inputs = bias === undefined ? [h, classes] : [h, classes, bias]
  const loss = customGradient(neg(log(maximum(ofTarget, SMALLEST_PROBABILITY))), inputs, (dy) => {
    const column = reshape(dy, [-1, 1])
    const weighted = mul(h, column)
    const dh = mul(sub(gemm(probabilities, classes, { alpha: scale }), scaled(own)), column)
    const dClasses = gemm(probabilities, weighted, { transposeA: true, alpha: scale })
    const less = (dense: Tensor, rows: Tensor): Tensor =>
      add(dense, scatterAdd(full(dense.shape, 0), targets, mul(rows, -scale)))
    if (bias === undefined) return [dh, less(dClasses, weighted)]
    const dBias = reshape(gemm(probabilities, column, { transposeA: true, alpha: scale }), [-1])
    return [dh, less(dClasses, weighted), less(dBias, dy)]
  })
  if (smoothing === 0) return loss
  const center = mean(classes, { axes: [0], keepDims: true })
  const aboveMean = sum(mul(h, sub(own, center)), { axes: [-1] })
  const biasAboveMean = bias && sub(gather(bias, targets), mean(bias))
  const above = biasAboveMean === undefined ? aboveMean : add(aboveMean, biasAboveMean)
  return add(loss, mul(above, smoothing * scale))
}
