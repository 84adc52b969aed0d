import {
  add,
  cast,
  concat,
  equal,
  gemm,
  mul,
  pad,
  reshape,
  slice,
  transpose,
  type Tensor,
} from '../graph/index.ts'
import { dropout } from './dropout.ts'
import { uniform } from './initializers.ts'
import type { Scope } from './scope.ts'

export interface RecurrentInputs {
  /** [time, batch, in]. */
  readonly x: Tensor
  /** [time, batch, 1]: 1 where the state before counts, 0 where a session begins. */
  readonly keep: Tensor
  readonly width: number
  /** Which layer, and in which direction, as PyTorch ends the names of its parameters: `l0`, `l1_reverse`. */
  readonly suffix: string
  /** Whether the last step comes first. */
  readonly reverse: boolean
}

export interface RecurrentWeights {
  /** What needs no state: x·W_ihᵀ + b_ih, [time, batch, gates·width]. */
  readonly given: Tensor
  /** [gates·width, width]. */
  readonly recurrent: Tensor
  /** Of the state's part: [gates·width]. */
  readonly bias: Tensor
}

/**
 * The parameters of a recurrent layer, named, shaped and started as PyTorch's (uniform within ±1/√width, the biases too), and what its steps need no state for, of all
 * steps at once.
 */
export function recurrentWeights(
  scope: Scope,
  { x, width, suffix }: RecurrentInputs,
  gates: number,
): RecurrentWeights {
  const [time, batch, inner] = x.shape as [number, number, number]
  const initializer = uniform(1 / Math.sqrt(width))
  const weight = (of: string, columns: number): Tensor =>
    scope.parameter(`weight_${of}_${suffix}`, [gates * width, columns], initializer)
  const bias = (of: string): Tensor =>
    scope.parameter(`bias_${of}_${suffix}`, [gates * width], initializer, { decay: false })
  const products = gemm(reshape(x, [-1, inner]), weight('ih', inner), { transposeB: true })
  return {
    given: add(reshape(products, [time, batch, gates * width]), bias('ih')),
    recurrent: weight('hh', width),
    bias: bias('hh'),
  }
}

/** What each step finds: the state after the step before it, and nothing where a session begins. h [time, batch, width] → same. */
export function statesBefore(
  h: Tensor,
  { keep, reverse }: Pick<RecurrentInputs, 'keep' | 'reverse'>,
): Tensor {
  return mul(shifted(h, reverse), keep)
}

/** The values of the step before, zero at the first: x [time, ...] → same. */
function shifted(x: Tensor, reverse: boolean): Tensor {
  const longer = pad(x, { axis: 0, before: reverse ? 0 : 1, after: reverse ? 1 : 0 })
  return slice(longer, { axis: 0, start: reverse ? 1 : 0, length: x.shape[0]! })
}

/** 1 where the step before (`reverse`: behind) is of the same session: segments [batch, time] int32 → [time, batch, 1]. */
export function withinSessions(segments: Tensor, reverse: boolean): Tensor {
  const sessions = transpose(reshape(cast(segments, 'float32'), [...segments.shape, 1]), [1, 0, 2])
  return cast(equal(sessions, shifted(sessions, reverse)), 'float32')
}

/** The gradient of a recurrent matrix, of all steps at once: dGates [time, batch, m], states [time, batch, width] → [m, width]. */
export function recurrentGradient(dGates: Tensor, states: Tensor): Tensor {
  const rows = (x: Tensor): Tensor => reshape(x, [-1, x.shape[2]!])
  return gemm(rows(dGates), rows(states), { transposeA: true })
}

/** One layer in one direction: x [time, batch, in] → [time, batch, width]. */
export type RecurrentLayer = (scope: Scope, inputs: RecurrentInputs) => Tensor

export interface RecurrentStackOptions {
  readonly width: number
  readonly layers: number
  /** Between layers; of the result where there is one layer. */
  readonly dropout: number
  /** Half of the width is read from the end then. */
  readonly bidirectional: boolean
}

/**
 * Layers one above the other, as PyTorch's recurrent modules: x [batch, time, in], segments [batch, time] int32 (0 = padding, else the session's number within its row) →
 * [batch, time, width]. No state goes from one session of a row to the next.
 */
export function recurrentStack(
  scope: Scope,
  layer: RecurrentLayer,
  { x, segments }: { readonly x: Tensor; readonly segments: Tensor },
  { width, layers, dropout: probability, bidirectional }: RecurrentStackOptions,
): Tensor {
  const directions = (bidirectional ? [false, true] : [false]).map((reverse) => ({
    reverse,
    keep: withinSessions(segments, reverse),
    width: width / (bidirectional ? 2 : 1),
  }))
  let hidden = transpose(x, [1, 0, 2])
  for (let at = 0; at < layers; at++) {
    const below = at === 0 ? hidden : dropout(scope.child(`dropout_l${at}`), hidden, probability)
    const outputs = directions.map((direction) =>
      layer(scope, { ...direction, x: below, suffix: `l${at}${direction.reverse ? '_reverse' : ''}` }),
    )
    hidden = outputs.length === 1 ? outputs[0]! : concat(outputs, { axis: 2 })
  }
  const result = layers === 1 ? dropout(scope.child('dropout_l1'), hidden, probability) : hidden
  return transpose(result, [1, 0, 2])
}
