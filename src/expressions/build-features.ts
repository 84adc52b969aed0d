import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { categorify, jointly, minMax, normalize } from './build-fitted.ts'
import { column, fillMedian, fillMissing, log, part } from './build-values.ts'
import type { Expression, Operand } from './expression.ts'
import { expectOption, isText } from './infer.ts'

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

export interface SeveralValuesOptions {
  /** What stands between the values, such as '|'. */
  readonly separator: string
  /** How many values of a text are kept, its first ones, and so how many features there are: 1 … 100. */
  readonly most: number
  /** Values that are found fewer times become unknown; default 1. */
  readonly minCount?: number
  /** How many codes there are at most, reserved ones and buckets included; default: as many as values. */
  readonly maxSize?: number
  /** Codes that unknown values are spread over by their hash; default 0. */
  readonly buckets?: number
}

/**
 * A text of several values, such as 'Action|Comedy', as features `name_1` … `name_most` of one vocabulary, a value each: `jointly` of its `part`s.
 * Code 1 is no value: an empty place, one behind the last value, or an unknown value without buckets. Values behind the first `most` are dropped, and are not learnt.
 * Throws `OPTION_UNKNOWN` or `OPTION_INVALID`.
 */
export function severalValues(
  name: string,
  text: Operand,
  options: SeveralValuesOptions,
): Readonly<Record<string, Expression>> {
  expectOption('severalValues', isText(name) && name !== '', 'a name for the features is expected', name)
  checkOptions('severalValues', options, ['separator', 'most', 'minCount', 'maxSize', 'buckets'])
  const { separator, most, ...vocabulary } = options
  checkNumber('severalValues: most', most, { integer: true, min: 1, max: MOST_VALUES })
  const parts = Array.from({ length: most }, (_, index) => part(text, { separator, index }))
  return Object.fromEntries(jointly(parts, vocabulary).map((each, index) => [`${name}_${index + 1}`, each]))
}

/** Each feature names all of them: what is saved grows with the square. */
const MOST_VALUES = 100
