import { EnsuiteError } from '../../errors.ts'
import type { State } from '../operator.ts'
import { finite, type Value } from '../value.ts'

/** Parallel sums of squares end in different last digits from run to run; twelve digits do not. */
export const steady = (value: Value): Value =>
  typeof value === 'number' ? Number(value.toPrecision(12)) : value

/** Of some events: how many have a number, its mean, and the sum of its squared distances from the mean. */
export interface Moments {
  readonly count: number
  readonly mean: number
  readonly squares: number
}

/** The moments of two parts together (Chan et al. 1979). */
export function mergedMoments(one: Moments, other: Moments): Moments {
  if (one.count === 0) return other
  if (other.count === 0) return one
  const count = one.count + other.count
  return {
    count,
    mean: (one.mean * one.count + other.mean * other.count) / count,
    squares: one.squares + other.squares + ((one.mean - other.mean) ** 2 * one.count * other.count) / count,
  }
}

/** The sample variance; null of fewer than two. */
export const varianceOf = ({ count, squares }: Moments): number | null =>
  count < 2 ? null : squares / (count - 1)

/** Of two numbers or one, by `choose`; null where there is none, or the result overflows. */
export const chosen = (
  choose: (left: number, right: number) => number,
  left: Value | undefined,
  right: Value | undefined,
): number | null => {
  if (typeof left !== 'number') return typeof right === 'number' ? right : null
  return typeof right === 'number' ? finite(choose(left, right)) : left
}

/** Numbers by the names of columns, of one key. */
export type Row = Readonly<Record<string, Value>>

/** Both keyed states: what is in one alone as it is, what is in both put together. Old keys stay where they are. Of columns that are aggregated, both the same; what is made of them is made anew. */
export function mergedKeys(more: State, previous: State, together: (more: Row, previous: Row) => Row): State {
  const row = ({ columns }: State, index: number): Row =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[index]!]))
  const places = new Map(previous.keys.map((key, index) => [JSON.stringify(key), index]))
  const keys = [...previous.keys]
  const columns = Object.fromEntries(
    Object.entries(previous.columns).map(([name, values]) => [name, [...values]]),
  )
  for (const [index, key] of more.keys.entries()) {
    const place = places.get(JSON.stringify(key))
    if (place === undefined) keys.push(key)
    const own = row(more, index)
    const merged = place === undefined ? own : together(own, row(previous, place))
    for (const [name, column] of Object.entries(columns)) column[place ?? keys.length - 1] = merged[name]!
  }
  return { keys, columns, totals: more.totals }
}

export type Totals = Readonly<Record<string, number | null>>

/** From totals or a row of these names. */
export const momentsOf = ({ count, mean, deviation }: Row): Moments => ({
  count: count as number,
  mean: (mean ?? 0) as number,
  squares: ((deviation ?? 0) as number) ** 2 * ((count as number) - 1),
})

/** Count, mean and sample deviation, extended where there are previous ones. Throws `COLUMN_INVALID` where they overflow. */
export function momentTotals(name: string, more: Totals, previous: Totals | undefined): Totals {
  const { count, mean, squares } =
    previous === undefined ? momentsOf(more) : mergedMoments(momentsOf(more), momentsOf(previous))
  if ((more['count']! > 0 && more['mean'] === null) || !Number.isFinite(squares)) throw overflow(name)
  const variance = varianceOf({ count, mean, squares })
  const learnt: Totals =
    previous === undefined
      ? more
      : {
          count,
          mean: count === 0 ? null : mean,
          deviation: variance === null ? null : Math.sqrt(variance),
        }
  return { ...learnt, deviation: steady(learnt['deviation'] ?? null) as number | null }
}

/** What is thrown where sums or squares overflow. */
export const overflow = (name: string, cause?: unknown): EnsuiteError =>
  new EnsuiteError(
    'COLUMN_INVALID',
    `'${name}' cannot be learnt: numbers are so large that their sums or squares overflow. Clip them first: clip(x, { max: … }).`,
    { cause },
  )

export const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
