import { checkNumber, checkOptions } from '../../options.ts'
import { expectInputs, expectKeys } from '../infer.ts'
import { operator, type Operator, type State } from '../operator.ts'
import { ofNumbers } from '../value.ts'
import { chosen, mergedKeys, momentTotals, overflow, type Totals } from './merged-state.ts'

/**
 * The mean of a target over the events of a key, drawn to the mean of all (Micci-Barreca 2001): (Σ + p·mean) ÷ (n + p).
 * Inputs: the target, a text that tells folds apart (the session), then the texts of the key. On the rows that are trained on, the events of the own fold are left out; when serving, never.
 */
export const targetEncode: Operator = operator<{ readonly smoothing?: number; readonly folds?: number }>({
  name: 'targetEncode',
  varies: () => true,
  scope: 'event',
  infer: (inputs, options) => {
    checkOptions('targetEncode', options, ['smoothing', 'folds'])
    const { smoothing = 20, folds = 3 } = options
    checkNumber('targetEncode: smoothing', smoothing, { min: 0 })
    checkNumber('targetEncode: folds', folds, { integer: true, min: 2, max: 20 })
    expectInputs('targetEncode', inputs.slice(0, 2), ['number', 'text'])
    expectKeys('targetEncode', inputs.slice(2))
    return 'number'
  },
  fit: {
    keys: (inputs) => inputs.slice(2),
    columns: ([target, fold], { folds = 3 }, { dialect, sum }) => {
      const columns: Record<string, string> = {}
      for (let at = 0; at < folds; at++) {
        const inside = `${dialect.bucket(fold!, folds)} = ${at}`
        columns[`sum${at}`] = `coalesce(${sum(target!, inside)}, 0)`
        columns[`count${at}`] = `count(${target!}) FILTER (WHERE ${inside})`
      }
      return columns
    },
    totals: ([target], _, { mean }) => ({ count: `count(${target!})`, mean: mean(target!) }),
    state: (own, _, previous) => {
      checkSums(own)
      const totals = momentTotals(
        'targetEncode',
        own.totals as Totals,
        previous?.totals as Totals | undefined,
      )
      if (previous === undefined) return own
      const merged = mergedKeys(own, previous, (more, old) =>
        Object.fromEntries(
          Object.keys(more).map((name) => [
            name,
            chosen((left, right) => left + right, more[name], old[name]),
          ]),
        ),
      )
      checkSums(merged)
      return { ...merged, totals: { count: totals['count']!, mean: totals['mean']! } }
    },
  },
  sql: ([, fold], { dialect, options: { smoothing = 20, folds = 3 }, state, training }) => {
    const all = (name: string): string => {
      const sum = Array.from({ length: folds }, (_, at) => `coalesce(${state(`${name}${at}`)}, 0)`).join(
        ' + ',
      )
      if (training === false) return `(${sum})`
      const own = Array.from(
        { length: folds },
        (_, at) => `WHEN ${dialect.bucket(fold!, folds)} = ${at} THEN coalesce(${state(`${name}${at}`)}, 0)`,
      )
      const left = `CASE ${own.join(' ')} ELSE 0 END`
      return `(${sum} - ${training === true ? left : `CASE WHEN ${training} THEN ${left} ELSE 0 END`})`
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
      (mean) => (all('sum') + mean * smoothing) / (all('count') + smoothing) + 0,
    )
  },
})

/** A sum is 0 where there is nothing: it is missing where it overflowed. Throws `COLUMN_INVALID`. */
function checkSums({ columns }: State): void {
  if (Object.values(columns).some((values) => values.includes(null))) throw overflow('targetEncode')
}
