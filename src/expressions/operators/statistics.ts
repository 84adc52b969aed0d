import { chosen, mergedMoments, momentsOf, varianceOf, type Moments, type Row } from './merged-state.ts'

/** What there is to know of a statistic of a number over the events of a key. */
export interface Statistic {
  /** SQL aggregates of the number by the names of what is kept of each key: `value`, and what a later fit needs to go on from it. */
  readonly columns: (x: string) => Readonly<Record<string, string>>
  /** What is kept of two parts together. */
  readonly merge: (more: Row, previous: Row) => Row
  /** Whether the value needs all its digits, as times do; others are rounded to 12, which every engine agrees on. */
  readonly exact?: true
}

const simple = (
  sql: (x: string) => string,
  choose: (left: number, right: number) => number,
  exact?: true,
): Statistic => ({
  columns: (x) => ({ value: sql(x) }),
  merge: (more, previous) => ({ value: chosen(choose, more['value'], previous['value']) }),
  ...(exact && { exact }),
})

/** Of a statistic that follows from the moments: how they are read from what is kept, and what it is of them. */
const ofMoments = (
  columns: Statistic['columns'],
  moments: (row: Row) => Moments,
  value: (merged: Moments) => number | null,
): Statistic => {
  const kept = Object.keys(columns(''))
  const merge = (more: Row, previous: Row): Row => {
    const merged = mergedMoments(moments(more), moments(previous))
    const { count } = merged
    const all: Row = { value: value(merged), mean: count === 0 ? null : merged.mean, count }
    return Object.fromEntries(kept.map((name) => [name, all[name]!]))
  }
  return { columns, merge }
}

const spread =
  (sql: (x: string) => string): Statistic['columns'] =>
  (x) => ({ value: sql(x), mean: `avg(${x})`, count: `count(${x})` })

const add = (left: number, right: number): number => left + right
const root = (value: number | null): number | null => (value === null ? null : Math.sqrt(value))

/** By name. A new one is a record here, a row in `group-rows.test-support.ts` and a word in docs/features.md. Its `merge` may overflow: `chosen` makes that missing. */
export const statistics = {
  count: simple(() => 'count(*)', add),
  sum: simple((x) => `sum(${x})`, add),
  mean: ofMoments(
    (x) => ({ value: `avg(${x})`, count: `count(${x})` }),
    ({ value, count }) => momentsOf({ count: count!, mean: value! }),
    ({ count, mean }) => (count === 0 ? null : mean),
  ),
  deviation: ofMoments(
    spread((x) => `stddev_samp(${x})`),
    (row) => momentsOf({ ...row, deviation: row['value']! }),
    (merged) => root(varianceOf(merged)),
  ),
  variance: ofMoments(
    spread((x) => `var_samp(${x})`),
    (row) => momentsOf({ ...row, deviation: root(row['value'] as number | null) }),
    varianceOf,
  ),
  min: simple((x) => `min(${x})`, Math.min, true),
  max: simple((x) => `max(${x})`, Math.max, true),
} as const satisfies Readonly<Record<string, Statistic>>

export type StatisticName = keyof typeof statistics
