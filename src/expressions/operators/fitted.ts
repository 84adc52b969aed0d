import { checkOptions } from '../../options.ts'
import { expectInputs } from '../infer.ts'
import { operator, type AggregateContext, type Fit, type Operator } from '../operator.ts'
import { finite, type ValueType } from '../value.ts'
import { chosen, momentTotals, type Totals } from './merged-state.ts'

const totalsOnly = (
  totals: (x: string, context: AggregateContext) => Readonly<Record<string, string>>,
  learnt: (more: Totals, previous: Totals | undefined) => Totals,
): Fit => ({
  keys: () => [],
  columns: () => ({}),
  totals: ([x], _, context) => totals(x!, context),
  state: (aggregated, _, previous) => ({
    ...aggregated,
    totals: learnt(aggregated.totals as Totals, previous?.totals as Totals | undefined),
  }),
})

const onNumber =
  (name: string) =>
  (inputs: readonly ValueType[], options: object): ValueType => {
    checkOptions(name, options, [])
    expectInputs(name, inputs, ['number'])
    return 'number'
  }

export const fitted: readonly Operator[] = [
  /** (x − mean) ÷ sample deviation; x − mean where all values are the same. */
  operator({
    name: 'normalize',
    scope: 'event',
    infer: onNumber('normalize'),
    fit: totalsOnly(
      (x, { mean }) => ({ count: `count(${x})`, mean: mean(x), deviation: `stddev_samp(${x})` }),
      (more, previous) => momentTotals('normalize', more, previous),
    ),
    sql: ([x], { dialect, state }) =>
      dialect.finite(`((${x!} - ${state('mean')}) / coalesce(nullif(${state('deviation')}, 0), 1) + 0)`),
    evaluate: ([x], { state }) => {
      const [mean, deviation] = [state('mean'), state('deviation')] as (number | null)[]
      return x === null || mean === null ? null : finite(((x as number) - mean!) / (deviation! || 1) + 0)
    },
  }),
  /** (x − min) ÷ (max − min), 0.5 where all values are the same, null where their range overflows. What lies outside what was fitted is not cut. */
  operator({
    name: 'minMax',
    scope: 'event',
    infer: onNumber('minMax'),
    fit: totalsOnly(
      (x) => ({ min: `min(${x})`, max: `max(${x})` }),
      (more, previous) => ({
        min: chosen(Math.min, more['min'], previous?.['min']),
        max: chosen(Math.max, more['max'], previous?.['max']),
      }),
    ),
    sql: ([x], { dialect, state }) =>
      `CASE WHEN ${x!} IS NULL OR ${state('min')} IS NULL OR NOT isfinite(${state('max')} - ${state('min')}) THEN NULL ` +
      `WHEN ${state('min')} = ${state('max')} THEN 0.5 ` +
      `ELSE ${dialect.finite(`((${x!} - ${state('min')}) / (${state('max')} - ${state('min')}) + 0)`)} END`,
    evaluate: ([x], { state }) => {
      const [min, max] = [state('min'), state('max')] as (number | null)[]
      if (x === null || min === null || !Number.isFinite(max! - min!)) return null
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
      (more, previous) => ({ median: previous?.['median'] ?? more['median'] ?? null }),
    ),
    sql: ([x], { state }) => `coalesce(${x!}, ${state('median')})`,
    evaluate: ([x], { state }) => (x === null ? state('median') : x!),
  }),
]
