import { checkNumber } from '../options.ts'
import {
  optimizers,
  type OptimizerKind,
  type OptimizerName,
  type OptimizerOptions,
  type Rule,
} from './optimizers/index.ts'
import { settleKind } from './settle-kind.ts'

/** An optimizer with every default in its place. */
export interface Optimizer extends Readonly<Record<string, number | boolean | string>> {
  readonly kind: OptimizerName
  readonly learningRate: number
  readonly weightDecay: number
  readonly clipNorm: number
}

/** Any of the kinds: their options are not looked into. */
const kinds = optimizers as unknown as Readonly<Record<OptimizerName, OptimizerKind<Record<string, never>>>>

/** Puts the defaults of the kind in. Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` also for an option of another kind. */
export function optimizerOptions(options: OptimizerOptions = {}): Optimizer {
  const asked = { kinds: optimizers, named: 'kind', otherwise: 'adamw' } as const
  const full = settleKind('train: optimizer', options, asked) as Optimizer
  checkNumber('learningRate', full.learningRate, { min: 0 })
  checkNumber('weightDecay', full.weightDecay, { min: 0 })
  if (full.clipNorm !== Infinity) checkNumber('clipNorm', full.clipNorm, { above: 0 })
  ruleOf(full, { byCode: true })
  return full
}

/** The rule by which an optimizer updates a parameter. */
export const ruleOf = (optimizer: Optimizer, parameter: { readonly byCode: boolean }): Rule =>
  kinds[optimizer.kind].rule(optimizer as unknown as Required<Record<string, never>>, parameter)
