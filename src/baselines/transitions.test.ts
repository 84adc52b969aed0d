import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countTransitions, mergeTransitions, type Transitions } from './transitions.ts'
import { sessionsOf } from '../data/sessions-of.test-support.ts'

const entries = ({ offsets, columns, counts }: Transitions): [number, number, number][] =>
  Array.from(offsets.subarray(0, -1), (start, row) =>
    Array.from(columns.subarray(start, offsets[row + 1]), (column, index): [number, number, number] => [
      row,
      column,
      counts[start + index]!,
    ]),
  ).flat()

test('counts a log by hand', () => {
  const sessions = sessionsOf([
    [2, 3, 2, 3], // a→b twice, b→a once
    [3, 3], // a repeat follows itself
    [4], // no pair, and none across the borders of sessions
    [2, 5, 2, 3],
  ])
  expect(entries(countTransitions(sessions, 4))).toEqual([
    [0, 1, 3],
    [0, 3, 1],
    [1, 0, 1],
    [1, 1, 1],
    [3, 0, 1],
  ])
})

test('an unknown item is in no pair and makes no neighbours', () => {
  expect(entries(countTransitions(sessionsOf([[2, 1, 3, 2, 1, 1, 2]]), 2))).toEqual([[1, 0, 1]])
})

test('agrees with a dense count', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 12 }), { maxLength: 12 }),
      (log) => {
        const dense = Array.from({ length: 6 }, () => new Array<number>(6).fill(0))
        for (const session of log)
          for (const [index, to] of session.slice(1).entries())
            if (session[index]! > 1 && to > 1) dense[session[index]! - 2]![to - 2]!++
        const expected = dense.flatMap((row, from) =>
          row.flatMap((count, to) => (count > 0 ? [[from, to, count]] : [])),
        )
        expect(entries(countTransitions(sessionsOf(log), 6))).toEqual(expected)
      },
    ),
    { seed: 3 },
  )
})

test('two counts together are the count of both logs', () => {
  const anyLog = fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 9 }), { maxLength: 9 })
  fc.assert(
    fc.property(anyLog, anyLog, (one, other) => {
      const count = (log: readonly (readonly number[])[]): Transitions => countTransitions(sessionsOf(log), 5)
      expect(mergeTransitions(count(one), count(other))).toEqual(count([...one, ...other]))
    }),
  )
})
