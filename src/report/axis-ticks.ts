import type { ChartRow } from './chart.ts'

/** At most so many, or names of numbers run into each other. */
const MOST_NUMBERS = 7

const numbersOf = (rows: readonly ChartRow[]): readonly [least: number, most: number] => {
  const values = rows.map((row) => Number(row.x))
  return [Math.min(...values), Math.max(...values)]
}

/** 1, 2 and 5 of each order of magnitude, or 1 alone where that is too many; the ends where none lies between. */
export function logTicks(rows: readonly ChartRow[]): readonly number[] {
  const [least, most] = numbersOf(rows)
  const orders = Array.from(
    { length: Math.ceil(Math.log10(most / least)) + 2 },
    (_, at) => Math.floor(Math.log10(least)) + at,
  )
  const within = (steps: readonly number[]): readonly number[] =>
    orders
      .flatMap((order) => steps.map((step) => Number(`${step}e${order}`)))
      .filter((tick) => tick >= least && tick <= most)
  const ticks = [[1, 2, 5], [1]].map(within).find((each) => each.length <= MOST_NUMBERS)
  if (ticks !== undefined && ticks.length >= 2) return ticks
  return ticks === undefined
    ? within([1]).filter((_, at, all) => at % Math.ceil(all.length / MOST_NUMBERS) === 0)
    : [...new Set([least, most])]
}

/** About how many there are to be: fewer where numbers are long. */
export const linearTicks = (rows: readonly ChartRow[]): number =>
  Math.max(...numbersOf(rows).map(Math.abs)) >= 10_000 ? 4 : 6

/** At most so many whole numbers, as far from each other as the first two. */
export function wholeTicks(rows: readonly ChartRow[]): readonly number[] {
  const [least, most] = numbersOf(rows)
  const step = Math.max(1, Math.ceil((most - least) / MOST_NUMBERS))
  return Array.from({ length: Math.floor((most - least) / step) + 1 }, (_, at) => least + at * step)
}
