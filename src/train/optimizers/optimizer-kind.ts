import type { Tensor } from '../../graph/index.ts'
import type { UpdateRule } from '../../kernels/index.ts'

/** What every optimizer takes. */
export interface CommonOptions {
  /** Default 1e-3; Adagrad's 1e-2. */
  readonly learningRate?: number
  /** Of everything but biases and norms; AdamW's default is 0.01, and 0 that of the others, which add it to the gradient. */
  readonly weightDecay?: number
  /** Largest global norm of the gradient; default 1, `Infinity` for none. */
  readonly clipNorm?: number
}

/** One parameter of a graph, and what its update reads: all of one shape, but for states that have one number a row, [rows, 1]. */
export interface GraphUpdate {
  readonly parameter: Tensor
  /** As it is after clipping. */
  readonly gradient: Tensor
  readonly states: readonly Tensor[]
}

/** A rule of the kernels, and the same as operators of a graph. */
export interface Rule {
  readonly kernel: UpdateRule
  /** What the states are before the first update. */
  readonly start: number
  /**
   * The definition of the kernel, operation by operation: the parameter and the states after an update. `factors`: a scalar each, of `kernel.factors` but for the scale. `decays`: whether
   * any weight decay applies, and its operators are needed.
   */
  readonly graph: (
    update: GraphUpdate,
    factors: readonly Tensor[],
    decays: boolean,
  ) => { readonly parameter: Tensor; readonly states: readonly Tensor[] }
}

/** One optimizer as data. A new one is a file, and a line in `optimizers`. */
export interface OptimizerKind<Options extends CommonOptions> {
  /** Every option with its default. */
  readonly defaults: Readonly<Required<Options>>
  /** The rule by which a parameter is updated; `byCode`: one whose rows are the codes of a vocabulary. Throws `OPTION_INVALID` for options outside their range. */
  readonly rule: (options: Required<Options>, parameter: { readonly byCode: boolean }) => Rule
}
