import { checkChoice, checkOptions } from '../../options.ts'
import { expectInputs, expectKeys } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import {
  chosen,
  mapValues,
  mergedKeys,
  mergedMoments,
  momentsOf,
  steady,
  varianceOf,
  type Moments,
  type Row,
} from './merged-state.ts'

/** What is kept of each key, so that a later fit can go on from it. */
const statistics: Readonly<Record<string, (x: string) => Readonly<Record<string, string>>>> = {
  count: () => ({ value: 'count(*)' }),
  sum: (x) => ({ value: `sum(${x})` }),
  mean: (x) => ({ value: `avg(${x})`, count: `count(${x})` }),
  deviation: (x) => ({ value: `stddev_samp(${x})`, mean: `avg(${x})`, count: `count(${x})` }),
  variance: (x) => ({ value: `var_samp(${x})`, mean: `avg(${x})`, count: `count(${x})` }),
  min: (x) => ({ value: `min(${x})` }),
  max: (x) => ({ value: `max(${x})` }),
}

const add = (left: number, right: number): number => left + right

/** A statistic of two parts together, of one key. */
function mergedStatistic(statistic: string, more: Row, previous: Row): Row {
  const value = (choose: (left: number, right: number) => number): Row => ({
    value: chosen(choose, more['value'], previous['value']),
  })
  if (statistic === 'count' || statistic === 'sum') return value(add)
  if (statistic === 'min') return value(Math.min)
  if (statistic === 'max') return value(Math.max)
  const moments = (row: Row): Moments => {
    const own = row['value'] as number | null
    if (statistic === 'mean') return momentsOf({ count: row['count']!, mean: own })
    return momentsOf({ ...row, deviation: statistic === 'variance' && own !== null ? Math.sqrt(own) : own })
  }
  const merged = mergedMoments(moments(more), moments(previous))
  const { count } = merged
  const mean = count === 0 ? null : merged.mean
  if (statistic === 'mean') return { value: mean, count }
  const variance = varianceOf(merged)
  return {
    value: variance === null || statistic === 'variance' ? variance : Math.sqrt(variance),
    mean,
    count,
  }
}

/**
 * A statistic of a number over the events of a key (NVTabular's JoinGroupby): inputs are the number, then the texts of the key; null for a key that was not fitted.
 * An extended fit gives the statistic of both parts together.
 */
export const groupStatistic: Operator = operator<{ readonly statistic: string }>({
  name: 'groupStatistic',
  // A count is of events, whatever the number.
  varies: (place, { statistic }) => place > 0 || statistic !== 'count',
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
    columns: ([x], { statistic }) => statistics[statistic]!(x!),
    totals: () => ({}),
    state: (aggregated, { statistic }, previous) => {
      const merged =
        previous === undefined
          ? aggregated
          : mergedKeys(aggregated, previous, (more, old) => mergedStatistic(statistic, more, old))
      // Least and greatest are values that were there.
      if (statistic === 'min' || statistic === 'max') return merged
      return { ...merged, columns: mapValues(merged.columns, (values) => values.map(steady)) }
    },
  },
  sql: (_, { state }) => state('value'),
  evaluate: (_, { state }) => state('value'),
})
