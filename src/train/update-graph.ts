import {
  add,
  div,
  full,
  greater,
  input,
  minimum,
  mul,
  reshape,
  scatterAdd,
  sqrt,
  sum,
  where,
  type Tensor,
  type TensorData,
} from '../graph/index.ts'
import { averagingShare } from './averaging.ts'
import type { GradientParts } from './gradient-parts.ts'
import { keyOf, type Update, type UpdatePlan } from './update-plan.ts'

/** Where an update stands. */
export interface UpdateAt {
  /** From 1. */
  readonly update: number
  /** As the schedule has it. */
  readonly learningRate: number
}

/** What changes from update to update, each a float32 scalar that is fed. */
export interface UpdateScalars {
  readonly clipNorm: Tensor
  /** The constants of the kernel, but for the scale of the gradients. */
  readonly factors: (update: Update) => readonly Tensor[]
  /** Of the average: what stays of it, and what comes from the weights. */
  readonly kept: Tensor
  readonly share: Tensor
}

/** One parameter and what its update reads: all of one shape, but for states that have one number a row, [rows, 1]. */
export interface GraphTensors {
  readonly parameter: Tensor
  readonly gradient: Tensor
  readonly states: readonly Tensor[]
  readonly average?: Tensor
}

export interface UpdateGraphOptions {
  readonly update: Update
  readonly scalars: UpdateScalars
  /** Multiplied to the gradient first, a scalar: that of `clipByGlobalNorm`. */
  readonly scale: Tensor
  /** The rows to update, as of `touchedRows`; the others keep value and states. All rows unless given. */
  readonly touched?: Tensor
}

/** Stands for no clipping: a norm so large is none in float32, and infinity is no safe input on every device. */
const NO_CLIPPING = 1e30

const inputOf = (name: string): string => `optimizer.${name}`
const scalar = (name: string): Tensor => input(inputOf(name), 'float32', [])

/** What it takes to update parameters in these ways: the inputs, and their values at an update. */
export function updateScalars(
  updates: readonly Update[],
  { clipNorm, averaging }: UpdatePlan,
): {
  readonly scalars: UpdateScalars
  readonly feeds: (at: UpdateAt) => Readonly<Record<string, TensorData>>
} {
  const kinds = new Map(updates.map((update) => [keyOf(update), update]))
  const keys = [...kinds.keys()]
  const nameOf = (key: string, factor: number): string => `${keys.indexOf(key)}.${factor}`
  /** Throws `OPTION_INVALID` as the kernel does. */
  const valuesOf = ({ rule, rate, weightDecay }: Update, { update, learningRate }: UpdateAt) =>
    rule.kernel
      .factors({ learningRate: learningRate * rate, weightDecay, step: update, gradientScale: 1 })
      .slice(0, -1)
  const inputs = new Map(
    [...kinds].map(([key, update]) => [
      key,
      valuesOf(update, { update: 1, learningRate: 0 }).map((_, at) => scalar(nameOf(key, at))),
    ]),
  )
  return {
    scalars: {
      clipNorm: scalar('clipNorm'),
      factors: (update) => inputs.get(keyOf(update))!,
      kept: scalar('kept'),
      share: scalar('share'),
    },
    feeds: (at) => {
      const share = averaging && averagingShare(averaging, at.update)
      const values: readonly (readonly [string, number])[] = [
        ['clipNorm', Math.min(clipNorm, NO_CLIPPING)],
        ...[...kinds].flatMap(([key, update]) =>
          valuesOf(update, at).map((value, factor) => [nameOf(key, factor), value] as const),
        ),
        ...(share === undefined
          ? []
          : ([
              ['kept', 1 - share],
              ['share', share],
            ] as const)),
      ]
      return Object.fromEntries(
        values.map(([name, value]) => [
          inputOf(name),
          { dtype: 'float32', dims: [], data: Float32Array.of(value) },
        ]),
      )
    },
  }
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

/** How often a gradient has something for each row of a table → [rows, 1]. */
export const touchCounts = (rows: number, parts: GradientParts): Tensor =>
  parts.rows.reduce(
    (all, { offset, ids }) =>
      scatterAdd(all, offset === 0 ? ids : add(ids, offset), full([ids.shape[0]!, 1], 1)),
    full([rows, 1], 0),
  )

/**
 * Which rows of a table a gradient has anything for, from `touchCounts` → bool [rows, 1]: the same rows that `combineRows` gives the kernel, also
 * those whose gradient adds up to 0. Tables that are updated by rows thus mean the same in both places; here the cost still
 * follows the table.
 */
export const touchedRows = (counts: Tensor): Tensor => greater(counts, 0)

/**
 * One update as graph operators, as the rule of the optimizer defines it, and the average behind it: training on a device is training as on the CPU. States below 2⁻¹²⁶ count as 0, as there. A table updated by rows
 * needs `touched`; its average moves in every row.
 */
export function updateGraph(
  { parameter, gradient, states, average }: GraphTensors,
  { update, scalars, scale, touched }: UpdateGraphOptions,
): Omit<GraphTensors, 'gradient'> {
  const { rule, weightDecay } = update
  const all = rule.graph(
    { parameter, gradient: mul(gradient, scale), states },
    scalars.factors(update),
    weightDecay > 0,
  )
  const whole = parameter.shape.length === 2 ? touched : touched && reshape(touched, rowsOf(parameter.shape))
  const kept = (next: Tensor, before: Tensor): Tensor =>
    whole === undefined ? next : where(whole, next, before)
  const updated = kept(all.parameter, parameter)
  return {
    parameter: updated,
    states: all.states.map((state, at) => kept(state, states[at]!)),
    ...(average && { average: add(mul(average, scalars.kept), mul(updated, scalars.share)) }),
  }
}

/** The shape of a number a row, of as many axes. */
export const rowsOf = (shape: Tensor['shape']): Tensor['shape'] =>
  shape.map((dim, axis) => (axis === 0 ? dim : 1))
