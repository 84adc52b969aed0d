/** What an expression is worth for one event. Numbers are finite doubles; null is a value that is missing or undefined. */
export type Value = number | string | boolean | null
export type ValueType = 'number' | 'text' | 'boolean'

/** Null in place of what is not finite: an overflow, a division by zero. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Applies `compute` to numbers that are all there, and gives null where one is missing or the result is not finite. */
export function ofNumbers(values: readonly Value[], compute: (...numbers: number[]) => number): Value {
  return values.includes(null) ? null : finite(compute(...(values as number[])))
}
