import { expect, test } from 'vitest'
import { itemsById, sessionsOf } from '../sessions-of.test-support.ts'
import { splitSessions } from './split-sessions.ts'

const log = sessionsOf(
  [
    [2, 3, 4, 5],
    [6, 7],
    [8, 9],
    [2, 5, 7],
  ],
  [
    [1, 10, 20, 30],
    [2, 3],
    [12, 14],
    [4, 20, 20],
  ],
)
const cut = (validationFrom: number, testFrom: number) =>
  splitSessions(log, { kind: 'cut', validationFrom, testFrom })

test('events before the first instant train, targets are the last ones before the second and of all', () => {
  const { train, validation, test: testing, known } = cut(10, 20)
  expect(itemsById(train)).toEqual({ s0: [2], s1: [6, 7], s3: [2] })
  expect(itemsById(validation)).toEqual({ s0: [2, 3], s2: [8, 9] })
  expect(itemsById(testing)).toEqual({ s0: [2, 3, 4, 5], s3: [2, 5, 7] })
  expect(itemsById(known)).toEqual({ s0: [2, 3], s1: [6, 7], s2: [8, 9], s3: [2] })
  expect(testing.times).toEqual(Float64Array.of(1, 10, 20, 30, 4, 20, 20))
})

test('the same instant twice: no validation', () => {
  const { validation, train, known } = cut(20, 20)
  expect(validation.count).toBe(0)
  expect(train).toEqual(known)
})

test.each([
  ['instants in the wrong order', 20, 10, 'OPTION_INVALID'],
  ['no instant', NaN, 10, 'OPTION_INVALID'],
  ['nothing to train on', 0, 10, 'SESSIONS_TOO_FEW'],
  ['nothing between', 15, 16, 'SESSIONS_TOO_FEW'],
  ['nothing to test on', 10, 31, 'SESSIONS_TOO_FEW'],
])('%s is refused', (_, validationFrom, testFrom, code) => {
  expect(() => cut(validationFrom, testFrom)).toThrow(expect.objectContaining({ code }))
})

test('sessions without times are refused', () => {
  const split = { kind: 'cut', validationFrom: 1, testFrom: 2 } as const
  expect(() => splitSessions(sessionsOf([[2, 3]]), split)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  )
})
