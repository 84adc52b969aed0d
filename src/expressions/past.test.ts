import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPast } from './past.ts'

const keys = fc.constantFrom('a', 'b', '__proto__', '')
const times = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double({ min: -20, max: 20, noNaN: true }))

test('counts are those of a plain count, whatever the order of events, also after forgetting', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), key: keys, time: times }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('count' as const), key: keys, time: times, until: times }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), time: times }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const past = createPast()
      let plain: { readonly key: string; readonly time: number }[] = []
      for (const each of steps) {
        if (each.kind === 'add') {
          past.add(each.key, each.time)
          plain.push(each)
        } else if (each.kind === 'forget') {
          past.forget(each.time)
          plain = plain.filter(({ time }) => time >= each.time)
        } else {
          const { key, time: from, until } = each
          const counted = plain.filter(
            (event) => event.key === key && event.time >= from && event.time < until,
          )
          if (from <= until) expect(past.count(key, from, until)).toBe(counted.length)
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test('from a time on, to below another', () => {
  const past = createPast()
  for (const time of [0, 10, 10, 20]) past.add('a', time)
  expect(past.count('a', 0, 20)).toBe(3)
  expect(past.count('a', 10, 20)).toBe(2)
  expect(past.count('a', 10.5, 20)).toBe(0)
  expect(past.count('a', 20, 21)).toBe(1)
  expect(past.count('b', 0, 100)).toBe(0)
  past.forget(10)
  expect(past.count('a', -100, 100)).toBe(3)
  past.forget(100)
  expect(past.count('a', -100, 100)).toBe(0)
})
