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
const SMALLEST = 1e-37

export interface CrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016). */
  readonly smoothing: number
  /** Divides the logits. */
  readonly temperature: number
}

/**
 * Cross-entropy of softmax(h·Eᵀ ÷ temperature), a value a label: h [labels, width], E [classes, width], targets [labels] → [labels].
 *
 * The softmax P is made once. Its gradients are dh = w(P·E − E[target]) and dE = Pᵀ(w·h) less w·h at the targets, added as rows:
 * nothing of the size of the logits is copied to subtract ones. Smoothing by ε adds ε·(logit of the target − mean logit), which
 * needs the mean of E's rows and no logits.
 */
export function crossEntropy(
  h: Tensor,
  classes: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions,
): Tensor {
  const { smoothing, temperature } = options
  const scale = 1 / temperature
  const probabilities = softmax(gemm(h, classes, { transposeB: true, alpha: scale }))
  const ofTarget = reshape(pick(probabilities, reshape(targets, [-1, 1])), [-1])
  const own = gather(classes, targets)
  const loss = customGradient(neg(log(maximum(ofTarget, SMALLEST))), [h, classes], (dy) => {
    const weighted = mul(h, reshape(dy, [-1, 1]))
    const dh = mul(
      sub(gemm(probabilities, classes, { alpha: scale }), scale === 1 ? own : mul(own, scale)),
      reshape(dy, [-1, 1]),
    )
    const dClasses = gemm(probabilities, weighted, { transposeA: true, alpha: scale })
    return [dh, add(dClasses, scatterAdd(full(classes.shape, 0), targets, mul(weighted, -scale)))]
  })
  if (smoothing === 0) return loss
  const center = mean(classes, { axes: [0], keepDims: true })
  return add(loss, mul(sum(mul(h, sub(own, center)), { axes: [-1] }), smoothing * scale))
}
