import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { categorify, minMax, normalize } from './build-fitted.ts'
import { column, fillMedian, fillMissing, log } from './build-values.ts'
import type { Expression } from './expression.ts'

/** What most features are, in one call. */

/** A column of texts as codes by vocabulary: `categorify(column(name, 'text'), options)`. */
export const category = (name: string, options: Parameters<typeof categorify>[1] = {}): Expression =>
  categorify(column(name, 'text'), options)

export interface ContinuousOptions {
  /** What takes the place of a missing value, before all else: a number, or the median of what was fitted. Default: it stays missing. */
  readonly fill?: number | 'median'
  /** 'log' is ln(x + 1). Default: 'none'. */
  readonly transform?: 'none' | 'log'
  /** 'normalize' is (x − mean) ÷ deviation, 'minMax' (x − min) ÷ (max − min). Default: 'none'. */
  readonly scale?: 'none' | 'normalize' | 'minMax'
}

/** A column of numbers: filled, transformed and scaled, in this order. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function continuous(name: string, options: ContinuousOptions = {}): Expression {
  checkOptions('continuous', options, ['fill', 'transform', 'scale'])
  const { fill, transform = 'none', scale = 'none' } = options
  checkChoice('continuous: transform', transform, ['none', 'log'])
  checkChoice('continuous: scale', scale, ['none', 'normalize', 'minMax'])
  if (fill !== undefined && fill !== 'median') checkNumber("continuous: fill, unless 'median',", fill, {})
  const x = column(name, 'number')
  const filled = fill === undefined ? x : fill === 'median' ? fillMedian(x) : fillMissing(x, fill)
  const transformed = transform === 'log' ? log(filled) : filled
  return scale === 'none' ? transformed : scale === 'normalize' ? normalize(transformed) : minMax(transformed)
}
