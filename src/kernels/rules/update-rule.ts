import { checkNumber } from '../../options.ts'

/** What all rules are told of one update; all finite. */
export interface UpdateSettings {
  /** 0 or more. */
  readonly learningRate: number
  /** Of the parameters that are updated: 0 or more, 0 for none. */
  readonly weightDecay: number
  /** Number of this update, from 1. */
  readonly step: number
  /** Multiplied to the gradients first, such as by gradient clipping; 0 or more, 1 for none. */
  readonly gradientScale: number
}

/** The vectors of some elements, all of one length but for a state that has one number a row. */
export interface RowVectors {
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  readonly states: readonly Float32Array[]
}

/** Every rule. Of each there are two kernels in `assembly`: over whole vectors, and over some rows of a table (`<name>Rows`). */
export const ruleNames = ['adamW', 'adam', 'sgd', 'momentum', 'adagrad', 'rowWiseAdagrad'] as const
export type RuleName = (typeof ruleNames)[number]

/** One way in which parameters follow their gradients, as data: what the kernels and their plain twins read. */
export interface UpdateRule {
  /** That of its kernels. */
  readonly name: RuleName
  /** What an update reads and overwrites beside the parameters, by name, in the order of the kernel. */
  readonly states: readonly string[]
  /** Whether a state has one number a row of its table, and not one an element. */
  readonly perRow: boolean
  /** The constants of an update, worked out in float64 once for all elements, and rounded to float32; the last is the scale of the gradients. Throws `OPTION_INVALID`. */
  readonly factors: (settings: UpdateSettings) => readonly number[]
  /** The plain twin: updates the elements of one row, or all of a vector, in place. Rounded as the vector instructions round. */
  readonly plain: (row: RowVectors, factors: readonly number[]) => void
}

/** Throws `OPTION_INVALID` for settings outside their range. */
export function checkSettings(where: string, settings: UpdateSettings): void {
  const { learningRate, weightDecay, step, gradientScale } = settings
  checkNumber(`${where}: learningRate`, learningRate, { min: 0 })
  checkNumber(`${where}: weightDecay`, weightDecay, { min: 0 })
  checkNumber(`${where}: step`, step, { integer: true, min: 1 })
  checkNumber(`${where}: gradientScale`, gradientScale, { min: 0 })
}

/** The smallest float32 of full precision, 2⁻¹²⁶. */
export const SMALLEST_NORMAL = 2 ** -126

/** `value`, or 0 for one below the normal numbers of float32, which are slow. */
export const normal = (value: number): number => (Math.abs(value) < SMALLEST_NORMAL ? 0 : value)

/** The gradient of an element with its decay in it, as rules have it that add the decay to the gradient. */
export const coupled = (gradient: number, parameter: number, scale: number, decay: number): number =>
  Math.fround(Math.fround(gradient * scale) + Math.fround(parameter * decay))
