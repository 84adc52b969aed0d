import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupRows } from './session-row.ts'

test('rows of like length run together', () => {
  expect(groupRows([3, 50, 26, 1, 4, 24], 100)).toEqual([
    { rows: [1, 2], time: 50 },
    { rows: [5], time: 24 },
    { rows: [4, 0], time: 4 },
    { rows: [3], time: 1 },
  ])
})

test('a large catalogue is scored in smaller runs', () => {
  expect(groupRows([2, 2, 2, 2, 2], 2 ** 24).map(({ rows }) => rows)).toEqual([[0, 1], [2, 3], [4]])
  expect(groupRows([2, 2], 2 ** 30).map(({ rows }) => rows)).toEqual([[0], [1]])
})

test('every row is in one run, none padded to more than twice its length', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 64 }), (lengths) => {
      const groups = groupRows(lengths, 1000)
      expect(groups.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual([...lengths.keys()])
      for (const { rows, time } of groups) {
        expect(Math.max(...rows.map((row) => lengths[row]!))).toBe(time)
        expect(2 * Math.min(...rows.map((row) => lengths[row]!))).toBeGreaterThanOrEqual(time)
      }
    }),
  )
})
