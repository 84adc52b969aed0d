import { adagrad, type AdagradOptions } from './adagrad.ts'
import { adam, type AdamOptions } from './adam.ts'
import { adamw } from './adamw.ts'
import type { Rule } from './optimizer-kind.ts'
import { sgd, type SgdOptions } from './sgd.ts'

export type { AdagradOptions } from './adagrad.ts'
export type { AdamOptions } from './adam.ts'
export type { CommonOptions, GraphUpdate, OptimizerKind, Rule } from './optimizer-kind.ts'
export type { SgdOptions } from './sgd.ts'

interface AnyKind {
  readonly defaults: object
  readonly rule: (options: never, parameter: { readonly byCode: boolean }) => Rule
}

/** Every optimizer, by its kind. */
export const optimizers = Object.freeze({ adamw, adam, sgd, adagrad }) satisfies Readonly<
  Record<string, AnyKind>
>
export type OptimizerName = keyof typeof optimizers
export const optimizerNames = Object.keys(optimizers) as readonly OptimizerName[]

/** The options of each kind; AdamW's where no kind is said. */
export type OptimizerOptions =
  | ({ readonly kind?: 'adamw' } & AdamOptions)
  | ({ readonly kind: 'adam' } & AdamOptions)
  | ({ readonly kind: 'sgd' } & SgdOptions)
  | ({ readonly kind: 'adagrad' } & AdagradOptions)
