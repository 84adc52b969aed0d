import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as e from '../build.ts'
import { evaluate } from '../evaluate.ts'
import type { Expression } from '../expression.ts'
import { runningOrder } from '../running-order.ts'
import { planOf } from '../plan.ts'
import type { Value } from '../value.ts'

const x = e.column('x', 'number')

function ofSession(expression: Expression, values: readonly Value[]): readonly Value[] {
  const options = {
    events: values.length,
    column: () => values,
    states: new Map(),
    past: () => ({ count: () => 0 }),
  }
  return evaluate(planOf([expression]), options)[0]!
}

const numbers = fc.array(fc.option(fc.integer({ min: -20, max: 20 }).map((each) => each / 4)), {
  maxLength: 40,
})
const prefixes = (values: readonly Value[]): readonly (readonly number[])[] =>
  values.map((_, at) => values.slice(0, at + 1).filter((value) => value !== null) as readonly number[])

/** By definition, on numbers of which doubles get nothing wrong. */
const definitions: Readonly<Record<string, readonly [Expression, (values: readonly number[]) => Value]>> = {
  count: [e.sessionCount(x), (values) => values.length],
  sum: [e.sessionSum(x), (values) => (values.length === 0 ? null : sum(values) + 0)],
  distinct: [e.sessionDistinct(x), (values) => new Set(values).size],
  min: [e.sessionMin(x), (values) => (values.length === 0 ? null : Math.min(...values) + 0)],
  max: [e.sessionMax(x), (values) => (values.length === 0 ? null : Math.max(...values) + 0)],
  median: [
    e.sessionMedian(x),
    (values) => {
      if (values.length === 0) return null
      const sorted = [...values].sort((left, right) => left - right)
      return (sorted[(values.length - 1) >> 1]! + sorted[values.length >> 1]!) / 2 + 0
    },
  ],
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

test.each(Object.entries(definitions))(
  '%s is what its definition says of every prefix',
  (_, [expression, of]) => {
    fc.assert(
      fc.property(numbers, (values) => {
        const given = values.map((value) => (value === null ? null : value + 0))
        expect(ofSession(expression, given)).toEqual(prefixes(given).map(of))
      }),
    )
  },
)

test('the variance is near that of two passes, also far from 0 and after a first value that is far off', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1e6, -1e12),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 50 }),
      (far, values) => {
        const given = values.map((value, at) => (at === 0 ? value : value + far))
        const twoPasses = (some: readonly number[]): number => {
          const mean = sum(some) / some.length
          // The mean is rounded, too: what is left of the distances corrects it.
          const left = sum(some.map((value) => value - mean))
          return (sum(some.map((value) => (value - mean) ** 2)) - left ** 2 / some.length) / (some.length - 1)
        }
        for (const own of [given, given.slice(1)])
          for (const [at, variance] of ofSession(e.sessionVariance(x), own).entries()) {
            const expected = at === 0 ? null : twoPasses(own.slice(0, at + 1))
            if (expected === null) expect(variance).toBeNull()
            else
              expect(Math.abs((variance as number) - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-14)
          }
      },
    ),
  )
})

test('the running order of many numbers is that of sorting, with few steps a number', () => {
  const values = Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 100_003)
  const order = runningOrder(values)
  for (const value of values) order.add(value)
  const sorted = Float64Array.from(values).sort()
  for (let place = 1; place <= values.length; place += 997)
    expect(order.leastAt(place)).toBe(sorted[place - 1])
  expect(order.leastAt(values.length + 1)).toBeNull()
})
