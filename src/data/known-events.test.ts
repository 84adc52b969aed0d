import { expect, test } from 'vitest'
import { knownEvents } from './known-events.ts'
import { itemsById, sessionsOf } from './sessions-of.test-support.ts'

const sessions = sessionsOf([[2, 1, 3], [1, 1], [4, 1], []], [[1, 2, 3], [4, 5], [6, 7], []])

test('events of unknown items go, with all their columns, and no session is lost', () => {
  const known = knownEvents(sessions)
  expect(itemsById(known)).toEqual({ s0: [2, 3], s1: [], s2: [4], s3: [] })
  expect([...known.categorical['place']!]).toEqual([0, 2, 5])
  expect([...known.times!]).toEqual([1, 3, 6])
  expect(known.offsets).toEqual(Int32Array.of(0, 2, 2, 3, 3))
})

test('the last event of each session stays where targets are kept', () => {
  expect(itemsById(knownEvents(sessions, { keepTargets: true }))).toEqual({
    s0: [2, 3],
    s1: [1],
    s2: [4, 1],
    s3: [],
  })
})

test('sessions without unknown items are given back as they are', () => {
  const all = sessionsOf([[2, 3]])
  expect(knownEvents(all)).toBe(all)
})
