import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packSessions } from './packing.ts'

test('first fit, longest first', () => {
  expect(packSessions(Int32Array.of(2, 5, 3, 1, 3, 1), 6)).toEqual({
    rows: 3,
    time: 6,
    row: Int32Array.of(2, 0, 1, 0, 1, 2),
    start: Int32Array.of(0, 0, 0, 5, 3, 2),
    segment: Int32Array.of(1, 1, 1, 2, 2, 2),
  })
})

test('rows are no longer than the fullest one', () => {
  expect(packSessions(Int32Array.of(3), 32)).toMatchObject({ rows: 1, time: 3 })
})

test('is first fit, whatever the lengths: no session would have fitted an earlier row', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(lengths, fc.nat({ max: 10 }), (given, slack) => {
      const capacity = Math.max(...given) + slack
      const packing = packSessions(Int32Array.from(given), capacity)
      const used = new Array<number>(packing.rows).fill(0)
      const order = [...given.keys()].sort((left, right) => given[right]! - given[left]! || left - right)
      for (const session of order) {
        const expected = used.findIndex((each) => each === 0 || each + given[session]! <= capacity)
        expect([packing.row[session], packing.start[session]]).toEqual([expected, used[expected]])
        used[expected]! += given[session]!
      }
      expect(packing.time).toBe(Math.max(...used))
    }),
  )
})
