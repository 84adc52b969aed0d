import { checkOptions } from '../options.ts'
import { node, type Expression, type Operand } from './expression.ts'
import { expectOption } from './infer.ts'
import type { ColumnType } from './operators/column.ts'
import type { ValueType } from './value.ts'

/** What is computed of one event alone, with nothing learnt. */

/** A column of the events, read as text, number, boolean or time (milliseconds since 1970-01-01 UTC). */
export const column = (name: string, type: ColumnType): Expression => node('column', [], { name, type })

export const add = (left: Operand, right: Operand): Expression => node('add', [left, right])
export const subtract = (left: Operand, right: Operand): Expression => node('subtract', [left, right])
export const multiply = (left: Operand, right: Operand): Expression => node('multiply', [left, right])
/** Missing where `right` is 0. */
export const divide = (left: Operand, right: Operand): Expression => node('divide', [left, right])
export const floor = (x: Operand): Expression => node('floor', [x])
export const absolute = (x: Operand): Expression => node('absolute', [x])
/** ln(x + 1), in 32 bits; missing for x ≤ −1. */
export const log = (x: Operand): Expression => node('log', [x])
/** Missing for x < 0. */
export const squareRoot = (x: Operand): Expression => node('squareRoot', [x])
export const clip = (x: Operand, range: { readonly min?: number; readonly max?: number }): Expression =>
  node('clip', [x], range)
/** How many of the rising boundaries are at most x. */
export const bucketize = (x: Operand, boundaries: readonly number[]): Expression =>
  node('bucketize', [x], { boundaries })

export const equal = (left: Operand, right: Operand): Expression => node('equal', [left, right])
export const less = (left: Operand, right: Operand): Expression => node('less', [left, right])
export const lessOrEqual = (left: Operand, right: Operand): Expression => node('lessOrEqual', [left, right])
export const greater = (left: Operand, right: Operand): Expression => less(right, left)
export const greaterOrEqual = (left: Operand, right: Operand): Expression => lessOrEqual(right, left)
/** True where all are. */
export const and = (left: Operand, right: Operand, ...more: readonly Operand[]): Expression =>
  more.reduce<Expression>((all, each) => node('and', [all, each]), node('and', [left, right]))
/** True where one is. */
export const or = (left: Operand, right: Operand, ...more: readonly Operand[]): Expression =>
  more.reduce<Expression>((any, each) => node('or', [any, each]), node('or', [left, right]))
export const not = (x: Operand): Expression => node('not', [x])
export const isMissing = (x: Operand): Expression => node('isMissing', [x])
/** Whether there is a value: as a step's `keep` it drops events without. */
export const present = (x: Operand): Expression => not(isMissing(x))
/** `yes` where the condition is true, else `no`, also where it is missing. */
export const choose = (condition: Operand, yes: Operand, no: Operand): Expression =>
  node('choose', [condition, yes, no])
/** x where the condition is true, else missing. */
export const onlyWhere = (x: Operand, condition: Operand): Expression => node('onlyWhere', [x, condition])
/** x, or the value where it is missing. Its indicator is `isMissing(x)`. */
export const fillMissing = (x: Operand, value: Operand): Expression => node('fillMissing', [x, value])
/** x, or the median of what was fitted. */
export const fillMedian = (x: Operand): Expression => node('fillMedian', [x])

/** Whole numbers as text; a fraction becomes missing. */
export const toText = (x: Operand): Expression => node('toText', [x])
/** A text as the number that it spells, else missing. */
export const toNumber = (x: Operand): Expression => node('toNumber', [x])
/**
 * The part of a text that stands at `index` between separators, from 0, or from −1 at the end: of 'Action|Comedy' by '|', 'Action' is at 0 and −2.
 * Trimmed of white space; missing where it is empty or not there. A separator is taken as it is, and found from the left.
 */
export const part = (
  x: Operand,
  options: { readonly separator: string; readonly index: number },
): Expression => node('part', [x], options)

interface Zone {
  /** Such as 'America/Sao_Paulo'; default UTC. */
  readonly timeZone?: string
}
/** 0 … 23, local time. */
export const hour = (time: Operand, zone: Zone = {}): Expression => node('hour', [time], { ...zone })
/** Monday is 0. */
export const weekday = (time: Operand, zone: Zone = {}): Expression => node('weekday', [time], { ...zone })
/** Days since 1970-01-01, local time. */
export const day = (time: Operand, zone: Zone = {}): Expression => node('day', [time], { ...zone })
/** sin(2π·x ÷ period), in 32 bits: with `cyclicCosine` the place on a circle. */
export const cyclicSine = (x: Operand, period: number): Expression =>
  node('sine', [angle('cyclicSine', x, period)])
export const cyclicCosine = (x: Operand, period: number): Expression =>
  node('cosine', [angle('cyclicCosine', x, period)])

function angle(name: string, x: Operand, period: number): Expression {
  expectOption(name, Number.isFinite(period) && period > 0, 'the period is a number above 0', period)
  return multiply(x, (2 * Math.PI) / period)
}

/**
 * A JavaScript function of your own, of the values of one event, null where they are missing. Not portable: the function itself is given to the workflow, `functions: { name: … }`, when it is made and when it is loaded.
 * The same values must always give the same result.
 */
export const javascript = (
  name: string,
  inputs: readonly Operand[],
  options: { readonly type: ValueType },
): Expression => {
  expectOption('javascript', Array.isArray(inputs), 'a list of inputs is expected', inputs)
  checkOptions(`javascript '${name}'`, options, ['type'])
  return node('javascript', inputs, { ...options, name })
}
