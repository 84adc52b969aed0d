import {
  add,
  div,
  full,
  greater,
  input,
  less,
  minimum,
  mul,
  scatterAdd,
  sqrt,
  sub,
  sum,
  abs,
  where,
  type Tensor,
  type TensorData,
} from '../graph/index.ts'
import { adamWFactors, SMALLEST_NORMAL } from '../kernels/adam-w.ts'
import type { GradientParts } from './gradient-parts.ts'
import type { OptimizerOptions } from './optimizer.ts'

/** The first eight constants of `AdamWFactors`, in their order. */
const FACTORS = ['decay', 'beta1', 'rest1', 'beta2', 'rest2', 'rate', 'correction', 'epsilon'] as const
type Factor = (typeof FACTORS)[number]

/** What changes from update to update, each a float32 scalar that is fed: the kernel's constants, and the largest norm. */
export type AdamWScalars = Readonly<Record<Factor | 'clipNorm', Tensor>>

/** One parameter and what its update reads; all of one shape. */
export interface AdamWTensors {
  readonly parameter: Tensor
  readonly gradient: Tensor
  readonly firstMoment: Tensor
  readonly secondMoment: Tensor
}

export interface AdamWGraphOptions {
  readonly scalars: AdamWScalars
  /** Multiplied to the gradient first, a scalar: that of `clipByGlobalNorm`. */
  readonly scale: Tensor
  /** Whether weight decay applies. */
  readonly decay: boolean
  /** The rows to update, as of `touchedRows`; the others keep value and moments. All rows unless given. */
  readonly touched?: Tensor
}

/** Stands for no clipping: a norm so large is none in float32, and infinity is no safe input on every device. */
const NO_CLIPPING = 1e30

const inputOf = (name: string): string => `adamW.${name}`

/** The scalar inputs of an update; `adamWFeeds` has their values. */
export function adamWScalars(): AdamWScalars {
  return Object.fromEntries(
    [...FACTORS, 'clipNorm' as const].map((name) => [name, input(inputOf(name), 'float32', [])]),
  ) as AdamWScalars
}

/** The values of `adamWScalars` at an update, counted from 1. Throws `OPTION_INVALID` as the kernel does. */
export function adamWFeeds(
  optimizer: Required<OptimizerOptions>,
  update: number,
): Readonly<Record<string, TensorData>> {
  const { clipNorm, ...rest } = optimizer
  const factors = adamWFactors({ ...rest, step: update, gradientScale: 1 })
  const values = [
    ...FACTORS.map((name, at) => [name, factors[at]!] as const),
    ['clipNorm', Math.min(clipNorm, NO_CLIPPING)] as const,
  ]
  return Object.fromEntries(
    values.map(([name, value]) => [
      inputOf(name),
      { dtype: 'float32', dims: [], data: Float32Array.of(value) },
    ]),
  )
}

/** The norm over all gradients together, and the scale that brings it down to `clipNorm` where it is above: two scalars. */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  clipNorm: Tensor,
): { readonly norm: Tensor; readonly scale: Tensor } {
  const squares = gradients.map((gradient) => sum(mul(gradient, gradient)))
  const norm = sqrt(squares.reduce((all, each) => add(all, each)))
  return { norm, scale: minimum(1, div(clipNorm, add(norm, 1e-6))) }
}

/**
 * Which rows of a table a gradient has anything for → bool [rows, 1]: the same rows that `combineRows` gives the kernel, also
 * those whose gradient adds up to 0. Tables that are updated by rows thus mean the same in both places; here the cost still
 * follows the table.
 */
export function touchedRows(rows: number, parts: GradientParts): Tensor {
  const counts = parts.rows.reduce(
    (all, { offset, ids }) =>
      scatterAdd(all, offset === 0 ? ids : add(ids, offset), full([ids.shape[0]!, 1], 1)),
    full([rows, 1], 0),
  )
  return greater(counts, 0)
}

/**
 * One AdamW update as graph operators: the definition of `Kernels.adamW`, operation by operation, so that training on a device
 * is training as on the CPU. Moments below 2⁻¹²⁶ count as 0, as there. A table updated by rows needs `touched`.
 *
 * Paper: Loshchilov and Hutter 2019, Decoupled weight decay regularization.
 */
export function adamWGraph(
  tensors: AdamWTensors,
  options: AdamWGraphOptions,
): Omit<AdamWTensors, 'gradient'> {
  const { parameter, gradient, firstMoment, secondMoment } = tensors
  const { scalars, scale, decay, touched } = options
  const g = mul(gradient, scale)
  const m = normal(add(mul(firstMoment, scalars.beta1), mul(g, scalars.rest1)))
  const v = normal(add(mul(secondMoment, scalars.beta2), mul(mul(g, g), scalars.rest2)))
  const root = add(mul(sqrt(v), scalars.correction), scalars.epsilon)
  const decayed = decay ? mul(parameter, scalars.decay) : parameter
  const p = sub(decayed, mul(div(m, root), scalars.rate))
  if (touched === undefined) return { parameter: p, firstMoment: m, secondMoment: v }
  return {
    parameter: where(touched, p, parameter),
    firstMoment: where(touched, m, firstMoment),
    secondMoment: where(touched, v, secondMoment),
  }
}

/** `x`, or 0 for what is below the normal numbers of float32. */
const normal = (x: Tensor): Tensor => where(less(abs(x), SMALLEST_NORMAL), 0, x)
