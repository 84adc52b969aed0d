import { EnsuiteError } from '../errors.ts'
import { input, type Shape, type Tensor } from '../graph/index.ts'
import type { Initializer } from './initializers.ts'

/** The three things that a graph can be for. Dropout exists in `train` only. */
export type Mode = 'train' | 'evaluate' | 'recommend'

export interface ParameterOptions {
  readonly decay?: boolean
  readonly update?: Parameter['update']
  readonly trainable?: boolean
}

export interface Parameter {
  /** The full path, equal to Hugging Face's state-dict key where the architecture has one. */
  readonly name: string
  readonly shape: readonly number[]
  readonly initializer: Initializer
  /** Whether weight decay applies: not to biases and norms. */
  readonly decay: boolean
  /** `rows`: only the rows that a batch touched are updated, so that the cost follows the batch and not the table. */
  readonly update: 'dense' | 'rows'
  /** Whether training changes it. */
  readonly trainable: boolean
  readonly tensor: Tensor
}

/** A dropout mask: an input that holds 0 or 1/(1−probability), drawn anew at every step. */
export interface Mask {
  readonly name: string
  readonly shape: Shape
  readonly probability: number
  readonly tensor: Tensor
}

/** An input of other random numbers, drawn anew at every step. */
export interface Draw {
  readonly name: string
  /** `uniform`: evenly from [0, 1). */
  readonly kind: 'uniform'
  readonly shape: Shape
  readonly tensor: Tensor
}

/** Where a layer declares what it owns. Names are joined by dots. */
export interface Scope {
  readonly path: string
  readonly mode: Mode
  child(name: string | number): Scope
  /** The same place a second time: what was declared there is used again, and anything else is an error. Dropout is drawn anew. */
  again(): Scope
  /** Declares and names at once. A name that is declared twice in one place is an error: share the tensor instead. */
  parameter(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    options?: ParameterOptions,
  ): Tensor
  /** A dropout mask of this shape, or undefined where nothing is to be dropped. */
  mask(shape: Shape, probability: number): Tensor | undefined
  /** Random numbers from [0, 1), float32; in training only. */
  uniform(shape: Shape): Tensor
}

export interface RootScope extends Scope {
  readonly parameters: readonly Parameter[]
  readonly masks: readonly Mask[]
  readonly draws: readonly Draw[]
}

export function rootScope(mode: Mode): RootScope {
  const parameters: Parameter[] = []
  const masks: Mask[] = []
  const draws: Draw[] = []
  const at = (path: string, again: boolean): Scope => ({
    path,
    mode,
    child: (name) => at(path === '' ? String(name) : `${path}.${name}`, again),
    again: () => at(path, true),
    parameter: (name, shape, initializer, { decay = true, update = 'dense', trainable = true } = {}) => {
      const full = path === '' ? name : `${path}.${name}`
      const declared = parameters.find((each) => each.name === full)
      if (again !== (declared !== undefined))
        throw new EnsuiteError(
          'GRAPH_INVALID',
          `Parameter '${full}' is ${again ? 'used again before it is declared' : 'declared twice'}.`,
        )
      if (declared !== undefined) return declared.tensor
      const tensor = input(full, 'float32', shape, 'parameter')
      parameters.push({ name: full, shape, initializer, decay, update, trainable, tensor })
      return tensor
    },
    mask: (shape, probability) => {
      if (mode !== 'train' || probability === 0) return undefined
      const name = `mask.${masks.length}${path === '' ? '' : `.${path}`}`
      const tensor = input(name, 'float32', shape, 'random')
      masks.push({ name, shape, probability, tensor })
      return tensor
    },
    uniform: (shape) => {
      if (mode !== 'train')
        throw new EnsuiteError('GRAPH_INVALID', `'${path}' draws random numbers outside of training.`)
      const name = `uniform.${draws.length}${path === '' ? '' : `.${path}`}`
      const tensor = input(name, 'float32', shape, 'random')
      draws.push({ name, kind: 'uniform', shape, tensor })
      return tensor
    },
  })
  return { ...at('', false), parameters, masks, draws }
}
