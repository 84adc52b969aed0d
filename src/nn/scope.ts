import { EnsuiteError } from '../errors.ts'
import { input, type Shape, type Tensor } from '../graph/index.ts'
import type { Initializer } from './initializers.ts'

/** The three things that a graph can be for. Dropout exists in `train` only. */
export type Mode = 'train' | 'evaluate' | 'recommend'

export interface ParameterOptions {
  readonly decay?: boolean
  readonly update?: Parameter['update']
  readonly trainable?: boolean
  readonly byCode?: boolean
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
  /** Whether its rows are the codes of a vocabulary: one that is extended has more of them, behind the old ones. */
  readonly byCode: boolean
  readonly tensor: Tensor
}

/** A dropout mask: an input that holds 0 or 1/(1−probability), drawn anew at every step. */
export interface Mask {
  readonly name: string
  readonly shape: Shape
  readonly probability: number
  readonly tensor: Tensor
}

/** Inputs of other random numbers, drawn anew at every step. */
export type Draw = UniformDraw | NegativesDraw

/** Evenly from [0, 1). */
export interface UniformDraw {
  readonly kind: 'uniform'
  readonly name: string
  readonly shape: Shape
  readonly tensor: Tensor
}

/** Which items stand for those that are no target. */
export interface NegativesOptions {
  /** Drawn once for the batch, for each label, the targets of the batch, or these and shared ones. */
  readonly kind: 'shared' | 'each' | 'batch' | 'mixed'
  readonly count: number
  readonly distribution: 'uniform' | 'log-uniform' | 'frequency'
  /** Of the counts, with `frequency`. */
  readonly power: number
  /** Size of the catalogue, without reserved codes. */
  readonly items: number
}

export interface NegativesDraw {
  readonly kind: 'negatives'
  readonly options: NegativesOptions
  readonly name: string
}

/** Negatives as inputs. */
export interface Negatives {
  /** Item codes: [n], or [labels, n] of `each`; none of `batch`. */
  readonly codes?: Tensor
  /** ln of how often a code is expected among the negatives of a label: as `codes`. */
  readonly logQ?: Tensor
  /** The same of the targets: [labels]. */
  readonly targetLogQ: Tensor
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
  /** Negatives of the batch's labels; in training only. */
  negatives(options: NegativesOptions): Negatives
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
  const drawName = (kind: string, path: string): string => {
    if (mode !== 'train')
      throw new EnsuiteError('GRAPH_INVALID', `'${path}' draws random numbers outside of training.`)
    return `${kind}.${draws.length}${path === '' ? '' : `.${path}`}`
  }
  const at = (path: string, again: boolean): Scope => ({
    path,
    mode,
    child: (name) => at(path === '' ? String(name) : `${path}.${name}`, again),
    again: () => at(path, true),
    parameter: (name, shape, initializer, options = {}) => {
      const { decay = true, update = 'dense', trainable = true, byCode = false } = options
      const full = path === '' ? name : `${path}.${name}`
      const declared = parameters.find((each) => each.name === full)
      if (again !== (declared !== undefined))
        throw new EnsuiteError(
          'GRAPH_INVALID',
          `Parameter '${full}' is ${again ? 'used again before it is declared' : 'declared twice'}.`,
        )
      if (declared !== undefined) return declared.tensor
      const tensor = input(full, 'float32', shape, 'parameter')
      parameters.push({ name: full, shape, initializer, decay, update, trainable, byCode, tensor })
      return tensor
    },
    mask: (shape, probability) => {
      if (mode !== 'train' || probability === 0) return undefined
      const name = `mask.${masks.length}${path === '' ? '' : `.${path}`}`
      const tensor = input(name, 'float32', shape, 'random')
      masks.push({ name, shape, probability, tensor })
      return tensor
    },
    negatives: (options) => {
      const name = drawName('negatives', path)
      draws.push({ kind: 'negatives', name, options })
      const size = Math.min(options.count, options.items)
      const shape = options.kind === 'each' ? ['labels', options.count] : [size]
      const targetLogQ = input(`${name}.targetLogQ`, 'float32', ['labels'], 'random')
      if (options.kind === 'batch') return { targetLogQ }
      return {
        codes: input(`${name}.codes`, 'int32', shape, 'random'),
        logQ: input(`${name}.logQ`, 'float32', shape, 'random'),
        targetLogQ,
      }
    },
    uniform: (shape) => {
      const name = drawName('uniform', path)
      const tensor = input(name, 'float32', shape, 'random')
      draws.push({ name, kind: 'uniform', shape, tensor })
      return tensor
    },
  })
  return { ...at('', false), parameters, masks, draws }
}
