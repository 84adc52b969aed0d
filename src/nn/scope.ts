import { EnsuiteError } from '../errors.ts'
import { input, type Shape, type Tensor } from '../graph/index.ts'
import type { Initializer } from './initializers.ts'

/** The three things that a graph can be for. Dropout exists in `train` only. */
export type Mode = 'train' | 'evaluate' | 'recommend'

export interface Parameter {
  /** The full path, equal to Hugging Face's state-dict key where the architecture has one. */
  readonly name: string
  readonly shape: readonly number[]
  readonly initializer: Initializer
  /** Whether weight decay applies: not to biases and norms. */
  readonly decay: boolean
  /** `rows`: only the rows that a batch touched are updated, so that the cost follows the batch and not the table. */
  readonly update: 'dense' | 'rows'
  readonly tensor: Tensor
}

/** A dropout mask: an input that holds 0 or 1/(1−probability), drawn anew at every step. */
export interface Mask {
  readonly name: string
  readonly shape: Shape
  readonly probability: number
  readonly tensor: Tensor
}

/** Where a layer declares what it owns. Names are joined by dots. */
export interface Scope {
  readonly path: string
  readonly mode: Mode
  child(name: string | number): Scope
  /** Declares and names at once. A name that is declared twice in one place is an error: share the tensor instead. */
  parameter(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    options?: { readonly decay?: boolean; readonly update?: 'dense' | 'rows' },
  ): Tensor
  /** A dropout mask of this shape, or undefined where nothing is to be dropped. */
  mask(shape: Shape, probability: number): Tensor | undefined
}

export interface RootScope extends Scope {
  readonly parameters: readonly Parameter[]
  readonly masks: readonly Mask[]
}

export function rootScope(mode: Mode): RootScope {
  const parameters: Parameter[] = []
  const masks: Mask[] = []
  const at = (path: string): Scope => ({
    path,
    mode,
    child: (name) => at(path === '' ? String(name) : `${path}.${name}`),
    parameter: (name, shape, initializer, { decay = true, update = 'dense' } = {}) => {
      const full = path === '' ? name : `${path}.${name}`
      if (parameters.some((each) => each.name === full))
        throw new EnsuiteError('GRAPH_INVALID', `Parameter '${full}' is declared twice.`)
      const tensor = input(full, 'float32', shape, 'parameter')
      parameters.push({ name: full, shape, initializer, decay, update, tensor })
      return tensor
    },
    mask: (shape, probability) => {
      if (mode !== 'train' || probability === 0) return undefined
      const name = `mask.${masks.length}${path === '' ? '' : `.${path}`}`
      const tensor = input(name, 'float32', shape, 'random')
      masks.push({ name, shape, probability, tensor })
      return tensor
    },
  })
  return { ...at(''), parameters, masks }
}
