import { checkOptions } from '../../options.ts'
import { exactSum } from '../exact-sum.ts'
import { expectInputs, fixed } from '../infer.ts'
import { operator, type Operator, type Options, type SessionContext } from '../operator.ts'
import { runningOrder } from '../running-order.ts'
import type { Value, ValueType } from '../value.ts'
import { over } from './session.ts'

const soFar = (context: SessionContext): string =>
  over(context).replace(/\)$/, ' ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)')

/** What every event adds to, in the order of the session. */
const running = <Kept>(
  first: Kept,
  next: (kept: Kept, value: Exclude<Value, null>) => Kept,
  x: readonly Value[],
): readonly Kept[] => {
  let kept = first
  return x.map((value) => (kept = value === null ? kept : next(kept, value)))
}

const extreme = (name: string, sql: string, choose: (left: number, right: number) => number): Operator =>
  operator({
    name,
    scope: 'session',
    infer: fixed(name, ['number'], 'number'),
    sql: ([x], _options, context) => `${sql}(${x!}) ${soFar(context)}`,
    evaluate: ([x]) =>
      running<number | null>(
        null,
        (kept, value) => (kept === null ? (value as number) : choose(kept, value as number)),
        x!,
      ),
  })

const present = (
  name: string,
  which: 'first' | 'last',
  next: (kept: Value, value: Value) => Value,
): Operator =>
  operator({
    name,
    scope: 'session',
    infer: (inputs: readonly ValueType[], options: Options) => {
      checkOptions(name, options, [])
      expectInputs(name, inputs, ['any'])
      return inputs[0]!
    },
    sql: ([x], _options, context) => context.dialect.present(which, x!, soFar(context)),
    evaluate: ([x]) => running<Value>(null, next, x!),
  })

/**
 * Aggregates over the events of a session up to and with the one at hand (NVTabular's Groupby by session); that of the whole session
 * stands at its last event. Missing values count for nothing; before the first value the result is missing, a count is 0.
 * Differs: every event has its own, from which nothing of what comes later leaks; the order of equal times is that of the file.
 */
export const sessionAggregates: readonly Operator[] = [
  /** How many values there are: Σ 1. */
  operator({
    name: 'sessionCount',
    // A number counts the events themselves.
    varies: (_place, _options, type) => type !== 'number',
    whole: true,
    scope: 'session',
    infer: fixed('sessionCount', ['any'], 'number'),
    sql: ([x], _options, context) => `CAST(count(${x!}) ${soFar(context)} AS DOUBLE)`,
    evaluate: ([x]) => running(0, (count) => count + 1, x!),
  }),
  /** Σ x, exact to 2⁻⁹⁰ and then the nearest double: see `exactSum`. Missing from the first |x| > 2⁹⁰ on. Differs: 64 bits, and not a float. */
  operator({
    name: 'sessionSum',
    scope: 'session',
    infer: fixed('sessionSum', ['number'], 'number'),
    sql: ([x], _options, context) => context.dialect.exactSum(x!, soFar(context)),
    evaluate: ([x]) => {
      const sum = exactSum()
      return x!.map((value) => {
        if (value !== null) sum.add(value as number)
        return sum.value()
      })
    },
  }),
  extreme('sessionMin', 'min', Math.min),
  extreme('sessionMax', 'max', Math.max),
  /** The least number but place − 1: the least for place 1. Missing where place is no whole number, or there are not so many numbers. */
  operator({
    name: 'sessionLeast',
    varies: (place) => place === 0,
    scope: 'session',
    infer: fixed('sessionLeast', ['number', 'number'], 'number'),
    sql: ([x, place], _options, context) => context.dialect.leastAt(x!, place!, soFar(context)),
    evaluate: ([x, place]) => {
      const order = runningOrder(x!.filter((value) => value !== null) as readonly number[])
      return x!.map((value, at) => {
        if (value !== null) order.add(value as number)
        return place![at] === null ? null : order.leastAt(place![at] as number)
      })
    },
  }),
  present('firstPresent', 'first', (kept, value) => kept ?? value),
  present('lastPresent', 'last', (_, value) => value),
]
