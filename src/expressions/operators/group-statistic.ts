import { checkChoice, checkOptions } from '../../options.ts'
import { expectInputs, expectKeys } from '../infer.ts'
import { operator, type Operator } from '../operator.ts'
import { mergedKeys, steady } from './merged-state.ts'
import { statistics, type Statistic, type StatisticName } from './statistics.ts'

const named = (name: StatisticName): Statistic => statistics[name]

/**
 * A statistic of a number over the events of a key (NVTabular's JoinGroupby): inputs are the number, then the texts of the key; null for a key that was not fitted.
 * An extended fit gives the statistic of both parts together.
 */
export const groupStatistic: Operator = operator<{ readonly statistic: StatisticName }>({
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
    columns: ([x], { statistic }, context) => named(statistic).columns(x!, context),
    totals: () => ({}),
    state: (aggregated, { statistic }, previous) => {
      const { merge, exact = false } = named(statistic)
      const merged = previous === undefined ? aggregated : mergedKeys(aggregated, previous, merge)
      if (exact) return merged
      return { ...merged, columns: { ...merged.columns, value: merged.columns['value']!.map(steady) } }
    },
  },
  sql: (_, { state }) => state('value'),
  evaluate: (_, { state }) => state('value'),
})
