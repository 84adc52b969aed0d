import { node, type Expression, type Operand } from './expression.ts'
import type { ColumnType } from './operators/column.ts'

/**
 * What users write features with. Each function makes a node, or a few; plain numbers and texts are literals.
 * Missing values go through: what is computed from one is missing, unless a function says otherwise.
 */

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
export const and = (left: Operand, right: Operand): Expression => node('and', [left, right])
export const or = (left: Operand, right: Operand): Expression => node('or', [left, right])
export const not = (x: Operand): Expression => node('not', [x])
export const isMissing = (x: Operand): Expression => node('isMissing', [x])
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

type Keys = Operand | readonly Operand[]
const keysOf = (keys: Keys): readonly Operand[] =>
  Array.isArray(keys) ? (keys as readonly Operand[]) : [keys as Operand]

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
/** The code of a column's values: `categorify` of the column as text. */
export const category = (
  name: string,
  options: { readonly minCount?: number; readonly maxSize?: number; readonly buckets?: number } = {},
): Expression => categorify(column(name, 'text'), options)
export const normalize = (x: Operand): Expression => node('normalize', [x])
export const minMax = (x: Operand): Expression => node('minMax', [x])
/** Which statistic of x the events of a key had; missing for a new key. */
export const groupStatistic = (
  x: Operand,
  options: {
    readonly by: Keys
    readonly statistic: 'count' | 'sum' | 'mean' | 'deviation' | 'variance' | 'min' | 'max'
  },
): Expression => node('groupStatistic', [x, ...keysOf(options.by)], { statistic: options.statistic })
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
  const { by, fold, ...rest } = options
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
  node('sine', [multiply(x, (2 * Math.PI) / period)])
export const cyclicCosine = (x: Operand, period: number): Expression =>
  node('cosine', [multiply(x, (2 * Math.PI) / period)])

/** The value `shift` events before in the session. */
export const lag = (x: Operand, shift = 1): Expression => node('lag', [x], { shift })
/** x less its value `shift` events before. */
export const difference = (x: Operand, shift = 1): Expression => subtract(x, lag(x, shift))
/** The place in the session, from 0. */
export const position = (): Expression => node('position', [])
/** Whether the session had the value before. */
export const seenBefore = (x: Operand): Expression => node('seenBefore', [x])
/** The value at the session's first event. */
export const first = (x: Operand): Expression => node('first', [x])
/** Milliseconds since the session's last event; missing for its first. */
export const sinceLast = (time: Operand): Expression => difference(time)
/** Whether an event repeats the one before it. */
export const repeatsLast = (x: Operand): Expression => fillMissing(equal(x, lag(x)), false)

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
/** How many events of the same key there were in the time before, over all sessions. */
export const recentCount = (
  time: Operand,
  options: { readonly by: Keys; readonly windowMs: number },
): Expression => node('recentCount', [time, ...keysOf(options.by)], { windowMs: options.windowMs })
