import type { AggregateContext } from '../operator.ts'
import { finite, type Value } from '../value.ts'
import {
  chosen,
  mergedMoments,
  momentsOf,
  overflow,
  varianceOf,
  type Moments,
  type Row,
} from './merged-state.ts'

/** What there is to know of a statistic of a number over the events of a key. */
export interface Statistic {
  /** SQL aggregates of the number by the names of what is kept of each key: `value`, and what a later fit needs to go on from it. */
  readonly columns: (x: string, context: AggregateContext) => Readonly<Record<string, string>>
  /** What is kept of two parts together. */
  readonly merge: (more: Row, previous: Row) => Row
  /** Whether the value is the same in whatever order events come; others are rounded to 12 digits, in which they are. */
  readonly exact?: true
}

const simple = (sql: (x: string) => string, choose: (left: number, right: number) => number): Statistic => ({
  columns: (x) => ({ value: sql(x) }),
  merge: (more, previous) => ({ value: chosen(choose, more['value'], previous['value']) }),
  exact: true,
})

/** Whether there were numbers, and what they come to overflowed: it is no number, and does not become one with more of them. */
const isLost = (value: Value | undefined, { count }: Row): boolean => value === null && (count as number) > 0

/** What overflows is missing, in one part as in both: how many numbers there were tells it from what has none. */
const counted = (
  sql: (x: string, context: AggregateContext) => string,
  merged: (more: Row, previous: Row) => number | null,
): Statistic => ({
  columns: (x, context) => ({ value: sql(x, context), count: `count(${x})` }),
  exact: true,
  merge: (more, previous) => ({
    value: [more, previous].some((row) => isLost(row['value'], row)) ? null : merged(more, previous),
    count: (more['count'] as number) + (previous['count'] as number),
  }),
})

/** Of a statistic that follows from the squares: how the moments are read from what is kept, and what it is of them. Throws `COLUMN_INVALID` for what overflowed. */
const ofSquares = (
  sql: (x: string) => string,
  deviation: (value: number | null) => number | null,
  value: (merged: Moments) => number | null,
): Statistic => {
  const moments = (row: Row): Moments => {
    if (isLost(row['mean'], row)) throw overflow('groupStatistic')
    return momentsOf({ ...row, deviation: deviation(row['value'] as number | null) })
  }
  return {
    columns: (x, { mean }) => ({ value: sql(x), mean: mean(x), count: `count(${x})` }),
    merge: (more, previous) => {
      const merged = mergedMoments(moments(more), moments(previous))
      const { count, mean } = merged
      return { value: value(merged), mean: count === 0 ? null : mean, count }
    },
  }
}

const add = (left: number, right: number): number => left + right
const root = (value: number | null): number | null => (value === null ? null : Math.sqrt(value))

/** By name. A new one is a record here, a row in `group-rows.test-support.ts` and a word in docs/features.md. Its `merge` may overflow: `chosen` makes that missing. */
export const statistics = {
  count: simple(() => 'count(*)', add),
  sum: counted(
    (x, { sum }) => sum(x),
    (more, previous) => chosen(add, more['value'], previous['value']),
  ),
  mean: counted(
    (x, { mean }) => mean(x),
    (more, previous) => {
      const moments = ({ value, count }: Row): Moments => momentsOf({ count: count!, mean: value! })
      const { count, mean } = mergedMoments(moments(more), moments(previous))
      return count === 0 ? null : finite(mean)
    },
  ),
  deviation: ofSquares(
    (x) => `stddev_samp(${x})`,
    (value) => value,
    (merged) => root(varianceOf(merged)),
  ),
  variance: ofSquares((x) => `var_samp(${x})`, root, varianceOf),
  min: simple((x) => `min(${x})`, Math.min),
  max: simple((x) => `max(${x})`, Math.max),
} as const satisfies Readonly<Record<string, Statistic>>

export type StatisticName = keyof typeof statistics
