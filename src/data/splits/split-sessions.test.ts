import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anySessions, itemsById, sessionsOf } from '../sessions-of.test-support.ts'
import { type Split, splitSessions } from './split-sessions.ts'

test('leave one out: the last two events of sessions of three or more', () => {
  const sessions = sessionsOf([[2, 3, 4, 5], [6, 7], [8, 9, 2], [3]])
  const { train, validation, test: testing } = splitSessions(sessions, { kind: 'leave-one-out' })
  expect(itemsById(train)).toEqual({ s0: [2, 3], s1: [6, 7], s2: [8], s3: [3] })
  expect(itemsById(validation)).toEqual({ s0: [2, 3, 4], s2: [8, 9] })
  expect(itemsById(testing)).toEqual({ s0: [2, 3, 4, 5], s2: [8, 9, 2] })
})

test('time: by the last event, ties by first appearance', () => {
  const times = [[1, 9], [5, 6], [2, 6], [7], [0, 8], [1]]
  const sessions = sessionsOf(
    times.map((session) => session.map(() => 2)),
    times,
  )
  const {
    train,
    validation,
    test: testing,
  } = splitSessions(sessions, { kind: 'time', validation: 0.5, test: 0.17 })
  // In order of the last event: s5 (1), s1 (6), s2 (6), s3 (7), s4 (8), s0 (9).
  expect(train.ids).toEqual(['s1', 's5'])
  expect(validation.ids).toEqual(['s2', 's3', 's4'])
  expect(testing.ids).toEqual(['s0'])
  expect(testing.times).toEqual(Float64Array.of(1, 9))
})

test('random: every session once, by the seed', () => {
  const shares = { validation: 0.1, test: 0.2 }
  const log = sessionsOf(Array.from({ length: 200 }, (_, index) => [2, index + 2]))
  const first = splitSessions(log, { kind: 'random', seed: 1, ...shares })
  expect([first.train.count, first.validation.count, first.test.count]).toEqual([140, 20, 40])
  expect(splitSessions(log, { kind: 'random', seed: 1, ...shares })).toEqual(first)
  expect(splitSessions(log, { kind: 'random', seed: 2, ...shares }).test.ids).not.toEqual(first.test.ids)
  // Not the end of the log: an unshuffled split would have none of these.
  expect(first.test.ids.some((id) => Number(id.slice(1)) < 100)).toBe(true)
  fc.assert(
    fc.property(anySessions, fc.nat(), (sessions, seed) => {
      fc.pre(sessions.count >= 10)
      const parts = splitSessions(sessions, { kind: 'random', seed, ...shares })
      const all = [parts.train, parts.validation, parts.test].map(itemsById)
      expect(all.reduce((sum, part) => sum + Object.keys(part).length, 0)).toBe(sessions.count)
      expect(Object.assign({}, ...all)).toEqual(itemsById(sessions))
    }),
  )
})

test('a share of 0 leaves a part empty', () => {
  const log = sessionsOf([
    [2, 3],
    [4, 5],
  ])
  const parts = splitSessions(log, { kind: 'random', validation: 0, test: 0.5, seed: 3 })
  expect([parts.train.count, parts.validation.count, parts.test.count]).toEqual([1, 0, 1])
})

const bad: readonly (readonly [string, unknown, string])[] = [
  ['another kind', { kind: 'last' }, 'OPTION_INVALID'],
  ['a name of the object prototype', { kind: 'toString' }, 'OPTION_INVALID'],
  ['a seed for time', { kind: 'time', validation: 0.1, test: 0.1, seed: 1 }, 'OPTION_UNKNOWN'],
  ['shares for leave-one-out', { kind: 'leave-one-out', test: 0.1 }, 'OPTION_UNKNOWN'],
  ['no times', { kind: 'time', validation: 0.3, test: 0.3 }, 'OPTION_INVALID'],
  ['no seed', { kind: 'random', validation: 0.3, test: 0.3 }, 'OPTION_INVALID'],
  ['all to test', { kind: 'random', validation: 0, test: 1, seed: 1 }, 'OPTION_INVALID'],
  ['no share to train', { kind: 'random', validation: 0.5, test: 0.5, seed: 1 }, 'OPTION_INVALID'],
  ['negative share', { kind: 'random', validation: -0.1, test: 0.5, seed: 1 }, 'OPTION_INVALID'],
  ['empty test', { kind: 'random', validation: 0.3, test: 0.1, seed: 1 }, 'SESSIONS_TOO_FEW'],
  ['empty training', { kind: 'random', validation: 0.49, test: 0.49, seed: 1 }, 'SESSIONS_TOO_FEW'],
  ['sessions too short', { kind: 'leave-one-out' }, 'SESSIONS_TOO_FEW'],
]
test.each(bad)('refuses %s', (_what, split, code) => {
  const log = sessionsOf([
    [2, 3],
    [4, 5],
  ])
  expect(() => splitSessions(log, split as Split)).toThrow(expect.objectContaining({ code }) as Error)
})
