import { expect, test } from 'vitest'
import { selectSessions, sessionLength, sessionsWhere, sliceSessions } from './sessions.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

const sessions = sessionsOf([[2, 3, 4], [5], [6, 7]], [[1, 2, 3], [4], [5, 6]])

test('selects whole sessions in the order asked for, all columns', () => {
  expect(selectSessions(sessions, Int32Array.of(2, 0))).toEqual({
    count: 2,
    offsets: Int32Array.of(0, 2, 5),
    items: Int32Array.of(6, 7, 2, 3, 4),
    categorical: { place: Int32Array.of(4, 5, 0, 1, 2) },
    continuous: { half: Float32Array.of(2, 2.5, 0, 0.5, 1) },
    times: Float64Array.of(5, 6, 1, 2, 3),
    ids: ['s2', 's0'],
  })
})

test('drops the last events, down to none', () => {
  const sliced = sliceSessions(sessions, Int32Array.of(0, 1, 2), { dropLast: (index) => index + 1 })
  expect(sliced).toEqual({
    count: 3,
    offsets: Int32Array.of(0, 2, 2, 2),
    items: Int32Array.of(2, 3),
    categorical: { place: Int32Array.of(0, 1) },
    continuous: { half: Float32Array.of(0, 0.5) },
    times: Float64Array.of(1, 2),
    ids: ['s0', 's1', 's2'],
  })
})

test('finds sessions by a condition', () => {
  expect(sessionsWhere(sessions, (index) => sessionLength(sessions, index) > 1)).toEqual(Int32Array.of(0, 2))
})
