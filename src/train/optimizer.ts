import { checkNumber, checkOptions } from '../options.ts'

/** AdamW (Loshchilov and Hutter 2019), as PyTorch has it. */
export interface OptimizerOptions {
  /** Default 1e-3. */
  readonly learningRate?: number
  /** Default 0.9. */
  readonly beta1?: number
  /** Default 0.999. */
  readonly beta2?: number
  /** Default 1e-8. */
  readonly epsilon?: number
  /** Of everything but biases and norms; default 0.01. */
  readonly weightDecay?: number
  /** Largest global norm of the gradient; default 1, `Infinity` for none. */
  readonly clipNorm?: number
}

export function optimizerOptions(options: OptimizerOptions = {}): Required<OptimizerOptions> {
  checkOptions('train: optimizer', options, [
    'learningRate',
    'beta1',
    'beta2',
    'epsilon',
    'weightDecay',
    'clipNorm',
  ])
  const full = {
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
    clipNorm: 1,
    ...options,
  }
  checkNumber('learningRate', full.learningRate, { min: 0 })
  checkNumber('beta1', full.beta1, { min: 0, below: 1 })
  checkNumber('beta2', full.beta2, { min: 0, below: 1 })
  checkNumber('epsilon', full.epsilon, { min: 1e-30 })
  checkNumber('weightDecay', full.weightDecay, { min: 0 })
  if (full.clipNorm !== Infinity) checkNumber('clipNorm', full.clipNorm, { above: 0 })
  return full
}
