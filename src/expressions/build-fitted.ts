import { add, clip, divide, fillMissing, greater, onlyWhere, subtract } from './build-values.ts'
import { keysOf, type Keys } from './build-keys.ts'
import { checkOptions } from '../options.ts'
import { node, type Expression, type Operand } from './expression.ts'
import { expectOption } from './infer.ts'
import type { StatisticName } from './operators/statistics.ts'

/** Codes, what is learnt from events, what is given as a table, and the shorthands that are made of them. */

/** A code by hash: 1 for missing, 2 … buckets + 1 otherwise. Several texts are hashed as one (a hashed cross). */
export const hashBucket = (keys: Keys, buckets: number): Expression =>
  node('hashBucket', keysOf(keys), { buckets })
/** A code by vocabulary. Several texts are one value. */
export const categorify = (
  keys: Keys,
  options: {
    readonly minCount?: number
    readonly maxSize?: number
    readonly buckets?: number
    readonly values?: readonly string[]
  } = {},
): Expression => node('categorify', keysOf(keys), options)
/** Codes by one vocabulary that several texts share: an expression for each of them. */
export const jointly = (
  inputs: readonly Operand[],
  options: { readonly minCount?: number; readonly maxSize?: number; readonly buckets?: number } = {},
): readonly Expression[] => {
  expectOption('jointly', Array.isArray(inputs), 'a list of texts is expected', inputs)
  return inputs.map((input) => node('jointCategorify', [input, ...inputs], options))
}
export const normalize = (x: Operand): Expression => node('normalize', [x])
export const minMax = (x: Operand): Expression => node('minMax', [x])
/** Which statistic of x the events of a key had; missing for a new key. */
export const groupStatistic = (
  x: Operand,
  options: {
    readonly by: Keys
    readonly statistic: StatisticName
  },
): Expression => {
  checkOptions('groupStatistic', options, ['by', 'statistic'])
  return node('groupStatistic', [x, ...keysOf(options.by)], { statistic: options.statistic })
}
/** The smoothed mean of a target by key. `fold`: what keeps an event's own target out while training, such as the session. */
export const targetEncode = (
  target: Operand,
  options: {
    readonly by: Keys
    readonly fold: Operand
    readonly smoothing?: number
    readonly folds?: number
  },
): Expression => {
  checkOptions('targetEncode', options, ['by', 'fold', 'smoothing', 'folds'])
  const { by, fold, ...rest } = options
  const given = (fold as Operand | undefined) !== undefined
  expectOption(
    'targetEncode',
    given,
    "fold keeps an event's own target out, such as column('session', 'text')",
    fold,
  )
  return node('targetEncode', [target, fold, ...keysOf(by)], rest)
}
/** A column of a table of your own, by key. */
export const lookup = (
  keys: Keys,
  table: {
    readonly keys: readonly (readonly string[])[]
    readonly values: readonly (number | string | boolean)[]
  },
): Expression => node('lookup', keysOf(keys), table)

const DAY = 86_400_000
/** Days since a key was first seen in what was fitted, 0 for one that is new. */
export const recencyDays = (time: Operand, by: Keys): Expression =>
  clip(fillMissing(divide(subtract(time, groupStatistic(time, { by, statistic: 'min' })), DAY), 0), {
    min: 0,
  })
/** (x − mean) ÷ (mean + 1e-5) with the mean of x over the key; missing where that is not above 0. */
export const relativeTo = (x: Operand, by: Keys): Expression => {
  const mean = groupStatistic(x, { by, statistic: 'mean' })
  return onlyWhere(divide(subtract(x, mean), add(mean, 1e-5)), greater(mean, 0))
}
