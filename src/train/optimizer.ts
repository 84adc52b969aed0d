import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import {
  optimizerNames,
  optimizers,
  type OptimizerKind,
  type OptimizerName,
  type OptimizerOptions,
  type Rule,
} from './optimizers/index.ts'

/** An optimizer with every default in its place. */
export interface Optimizer extends Readonly<Record<string, number | boolean | string>> {
  readonly kind: OptimizerName
  readonly learningRate: number
  readonly weightDecay: number
  readonly clipNorm: number
}

/** Any of the kinds: their options are not looked into. */
const kinds = optimizers as unknown as Readonly<Record<OptimizerName, OptimizerKind<Record<string, never>>>>

/** The options of a kind, with their defaults. */
export const optimizerDefaults = (kind: OptimizerName): Readonly<Record<string, number | boolean>> =>
  kinds[kind].defaults

/** Puts the defaults of the kind in. Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` also for an option of another kind. */
export function optimizerOptions(options: OptimizerOptions = {}): Optimizer {
  const names = (kind: OptimizerName): readonly string[] => Object.keys(optimizerDefaults(kind))
  checkOptions('train: optimizer', options, ['kind', ...new Set(optimizerNames.flatMap(names))])
  const { kind = 'adamw', ...own } = options
  checkChoice('train: optimizer: kind', kind, optimizerNames)
  const given = Object.entries(own as Readonly<Record<string, unknown>>).filter(
    ([, value]) => value !== undefined,
  )
  const misplaced = given.find(([name]) => !names(kind).includes(name))?.[0]
  if (misplaced !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: optimizer: '${misplaced}' is of ${optimizerNames.filter((each) => names(each).includes(misplaced)).join(', ')}, and the optimizer is '${kind}'. Leave it out, or choose another kind.`,
    )
  const full = { kind, ...optimizerDefaults(kind), ...Object.fromEntries(given) } as Optimizer
  checkNumber('learningRate', full.learningRate, { min: 0 })
  checkNumber('weightDecay', full.weightDecay, { min: 0 })
  if (full.clipNorm !== Infinity) checkNumber('clipNorm', full.clipNorm, { above: 0 })
  ruleOf(full, { byCode: true })
  return full
}

/** The rule by which an optimizer updates a parameter. */
export const ruleOf = (optimizer: Optimizer, parameter: { readonly byCode: boolean }): Rule =>
  kinds[optimizer.kind].rule(optimizer as unknown as Required<Record<string, never>>, parameter)
