import { checkChoice, checkNumber, checkOptions } from '../../options.ts'
import { expectInputs, expectKeys } from '../infer.ts'
import { operator, type Fit, type Operator, type State } from '../operator.ts'
import { finite, ofNumbers, type Value, type ValueType } from '../value.ts'

/** Parallel sums end in different last digits from run to run; twelve digits do not. */
const steady = (value: Value): Value => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)

const totalsOnly = (
  totals: (x: string) => Readonly<Record<string, string>>,
  merge: (more: Totals, previous: Totals) => Totals,
): Fit => ({
  keys: () => [],
  columns: () => ({}),
  totals: ([x]) => totals(x!),
  state: (aggregated, _, previous) => ({
    ...aggregated,
    totals: Object.fromEntries(
      Object.entries(
        previous === undefined
          ? aggregated.totals
          : merge(aggregated.totals as Totals, previous.totals as Totals),
      ).map(([name, value]) => [name, steady(value)]),
    ),
  }),
})

type Totals = Readonly<Record<string, number | null>>

/** Mean and sample deviation of two parts together (Chan et al. 1979). */
function mergedMoments(more: Totals, previous: Totals): Totals {
  const [n, m] = [more['count'] ?? 0, previous['count'] ?? 0]
  if (n === 0) return previous
  if (m === 0) return more
  const [a, b] = [more['mean']!, previous['mean']!]
  const squares = (totals: Totals, count: number): number => (totals['deviation'] ?? 0) ** 2 * (count - 1)
  const all = squares(more, n) + squares(previous, m) + ((a - b) ** 2 * n * m) / (n + m)
  return { count: n + m, mean: (a * n + b * m) / (n + m), deviation: Math.sqrt(all / (n + m - 1)) }
}

const least = (left: number | null | undefined, right: number | null | undefined): number | null =>
  left === null || left === undefined
    ? (right ?? null)
    : right === null || right === undefined
      ? left
      : Math.min(left, right)
const most = (left: number | null | undefined, right: number | null | undefined): number | null => {
  const both = [left, right].filter((each): each is number => typeof each === 'number')
  return both.length === 0 ? null : Math.max(...both)
}

const onNumber =
  (name: string) =>
  (inputs: readonly ValueType[], options: object): ValueType => {
    checkOptions(name, options, [])
    expectInputs(name, inputs, ['number'])
    return 'number'
  }

const statistics = {
  count: () => 'count(*)',
  sum: (x: string) => `sum(${x})`,
  mean: (x: string) => `avg(${x})`,
  deviation: (x: string) => `stddev_samp(${x})`,
  variance: (x: string) => `var_samp(${x})`,
  min: (x: string) => `min(${x})`,
  max: (x: string) => `max(${x})`,
} as const
type Statistic = keyof typeof statistics

export const fitted: readonly Operator[] = [
  /** (x − mean) ÷ sample deviation; x − mean where all values are the same. */
  operator({
    name: 'normalize',
    scope: 'event',
    infer: onNumber('normalize'),
    fit: totalsOnly(
      (x) => ({ count: `count(${x})`, mean: `avg(${x})`, deviation: `stddev_samp(${x})` }),
      mergedMoments,
    ),
    sql: ([x], { dialect, state }) =>
      dialect.finite(`((${x!} - ${state('mean')}) / coalesce(nullif(${state('deviation')}, 0), 1) + 0)`),
    evaluate: ([x], { state }) => {
      const [mean, deviation] = [state('mean'), state('deviation')] as (number | null)[]
      return x === null || mean === null ? null : finite(((x as number) - mean!) / (deviation! || 1) + 0)
    },
  }),
  /** (x − min) ÷ (max − min), 0.5 where all values are the same. What lies outside what was fitted is not cut. */
  operator({
    name: 'minMax',
    scope: 'event',
    infer: onNumber('minMax'),
    fit: totalsOnly(
      (x) => ({ min: `min(${x})`, max: `max(${x})` }),
      (more, previous) => ({
        min: least(more['min'], previous['min']),
        max: most(more['max'], previous['max']),
      }),
    ),
    sql: ([x], { dialect, state }) =>
      `CASE WHEN ${x!} IS NULL OR ${state('min')} IS NULL THEN NULL WHEN ${state('min')} = ${state('max')} THEN 0.5 ` +
      `ELSE ${dialect.finite(`((${x!} - ${state('min')}) / (${state('max')} - ${state('min')}) + 0)`)} END`,
    evaluate: ([x], { state }) => {
      const [min, max] = [state('min'), state('max')] as (number | null)[]
      if (x === null || min === null) return null
      return min === max ? 0.5 : finite(((x as number) - min!) / (max! - min!) + 0)
    },
  }),
  /** The value, or the median of those that were fitted on. An extended fit keeps the first median. */
  operator({
    name: 'fillMedian',
    scope: 'event',
    infer: onNumber('fillMedian'),
    fit: totalsOnly(
      (x) => ({ median: `median(${x})` }),
      (more, previous) => ({ median: previous['median'] ?? more['median'] ?? null }),
    ),
    sql: ([x], { state }) => `coalesce(${x!}, ${state('median')})`,
    evaluate: ([x], { state }) => (x === null ? state('median') : x!),
  }),
  /**
   * A statistic of a number over the events of a key (NVTabular's JoinGroupby): inputs are the number, then the texts of the key; null for a key that was not fitted.
   * An extended fit counts, sums, and finds least and greatest over both parts; of the rest the newer part counts.
   */
  operator<{ readonly statistic: Statistic }>({
    name: 'groupStatistic',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('groupStatistic', options, ['statistic'])
      checkChoice('groupStatistic: statistic', options.statistic, Object.keys(statistics))
      expectInputs('groupStatistic', inputs.slice(0, 1), ['number'])
      expectKeys('groupStatistic', inputs.slice(1))
      return 'number'
    },
    fit: {
      keys: (inputs) => inputs.slice(1),
      columns: ([x], { statistic }) => ({ value: statistics[statistic](x!) }),
      totals: () => ({}),
      state: (aggregated, { statistic }, previous) => {
        const rounded = {
          ...aggregated,
          columns: { value: aggregated.columns['value']!.map(steady) },
        }
        return previous === undefined ? rounded : mergedGroups(rounded, previous, statistic)
      },
    },
    sql: (_, { state }) => state('value'),
    evaluate: (_, { state }) => state('value'),
  }),
  /**
   * The mean of a target over the events of a key, drawn to the mean of all (Micci-Barreca 2001): (Σ + p·mean) ÷ (n + p).
   * Inputs: the target, a text that tells folds apart (the session), then the texts of the key. On the rows that are trained on, the events of the own fold are left out; when serving, never.
   */
  operator<{ readonly smoothing?: number; readonly folds?: number }>({
    name: 'targetEncode',
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions('targetEncode', options, ['smoothing', 'folds'])
      checkNumber('targetEncode: smoothing', options.smoothing ?? 20, { min: 0 })
      checkNumber('targetEncode: folds', options.folds ?? 3, { integer: true, min: 2, max: 20 })
      expectInputs('targetEncode', inputs.slice(0, 2), ['number', 'text'])
      expectKeys('targetEncode', inputs.slice(2))
      return 'number'
    },
    fit: {
      keys: (inputs) => inputs.slice(2),
      columns: ([target, fold], { folds = 3 }, dialect) =>
        Object.fromEntries(
          Array.from({ length: folds }, (_, at) => {
            const inside = `FILTER (WHERE ${dialect.bucket(fold!, folds)} = ${at})`
            return [
              [`sum${at}`, `coalesce(sum(${target!}) ${inside}, 0)`],
              [`count${at}`, `count(${target!}) ${inside}`],
            ]
          }).flat(),
        ),
      totals: ([target]) => ({ count: `count(${target!})`, mean: `avg(${target!})` }),
      state: (aggregated, _, previous) => {
        const own: State = {
          keys: aggregated.keys,
          columns: mapValues(aggregated.columns, (values) => values.map(steady)),
          totals: mapValues(aggregated.totals, steady),
        }
        if (previous === undefined) return own
        const merged = mergedGroups(own, previous, 'sum')
        const totals = mergedMoments(own.totals as Totals, previous.totals as Totals)
        return { ...merged, totals: { count: totals['count']!, mean: steady(totals['mean']!) } }
      },
    },
    sql: ([, fold], { dialect, options: { smoothing = 20, folds = 3 }, state, training }) => {
      const all = (name: string): string => {
        const sum = Array.from({ length: folds }, (_, at) => `coalesce(${state(`${name}${at}`)}, 0)`).join(
          ' + ',
        )
        if (!training) return `(${sum})`
        const own = Array.from(
          { length: folds },
          (_, at) =>
            `WHEN ${dialect.bucket(fold!, folds)} = ${at} THEN coalesce(${state(`${name}${at}`)}, 0)`,
        )
        return `(${sum} - CASE ${own.join(' ')} ELSE 0 END)`
      }
      return dialect.finite(
        `((${all('sum')} + ${state('mean')} * ${dialect.literal(smoothing)}) / (${all('count')} + ${dialect.literal(smoothing)}) + 0)`,
      )
    },
    evaluate: (_, { options: { smoothing = 20, folds = 3 }, state }) => {
      const all = (name: string): number => {
        let sum = 0
        for (let at = 0; at < folds; at++) sum += (state(`${name}${at}`) as number | null) ?? 0
        return sum
      }
      return ofNumbers(
        [state('mean')],
        (mean) => (all('sum') + mean! * smoothing) / (all('count') + smoothing) + 0,
      )
    },
  }),
]

/** Both parts: what is in one alone as it is, what is in both put together. */
function mergedGroups(more: State, previous: State, statistic: Statistic): State {
  const together = (left: Value, right: Value): Value => {
    const [a, b] = [left as number | null, right as number | null]
    if (statistic === 'count' || statistic === 'sum') return a === null ? b : b === null ? a : steady(a + b)
    if (statistic === 'min') return least(a, b)
    if (statistic === 'max') return most(a, b)
    return a ?? b
  }
  const places = new Map(previous.keys.map((key, index) => [JSON.stringify(key), index]))
  const columns = Object.fromEntries(
    Object.entries(previous.columns).map(([name, values]) => [name, [...values]]),
  )
  const keys = [...previous.keys]
  for (const [index, key] of more.keys.entries()) {
    const place = places.get(JSON.stringify(key))
    if (place === undefined) keys.push(key)
    for (const [name, values] of Object.entries(more.columns)) {
      const column = columns[name]!
      if (place === undefined) column.push(values[index]!)
      else column[place] = together(values[index]!, column[place]!)
    }
  }
  return { keys, columns, totals: more.totals }
}

const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
